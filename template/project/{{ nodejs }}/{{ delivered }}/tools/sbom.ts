/** Leave out of npm's bill of materials what only development needs.
 *
 *     npm sbom --package-lock-only --sbom-format cyclonedx | node tools/sbom.ts > sbom.json
 *
 * By itself, `npm sbom --omit dev` leaves out what the deployed code and development both need.
 */

import { json } from "node:stream/consumers";

interface Component {
  "bom-ref": string;
  name: string;
  properties: { name: string; value: string }[];
}

interface Bill {
  metadata: { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

const bill = (await json(process.stdin)) as Bill;
// npm gives the name of the folder.
const service = bill.metadata.component;
service.name = service["bom-ref"].replace(/@[^@]*$/, "");
bill.components = bill.components.filter(
  ({ properties }) => !properties.some(({ name }) => name === "cdx:npm:package:development"),
);
const kept = new Set([service, ...bill.components].map((one) => one["bom-ref"]));
bill.dependencies = bill.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) }));
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
