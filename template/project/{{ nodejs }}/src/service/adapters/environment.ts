/** The function's environment, as template.yaml sets it. */

/** Return a variable; a version that lacks one does not start, so the release is refused. */
export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`Set ${name} in template.yaml: the function's environment lacks it`);
  }
  return value;
}
