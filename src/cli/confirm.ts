import { createInterface } from "node:readline/promises";
import { dlmsError } from "../base/index.js";

/**
 * Asks on a terminal before something is changed; where nobody sits, nobody is asked.
 * @throws TransportError `aborted` when the answer is not yes.
 */
export async function confirm(what: string, yes: boolean | undefined, signal: AbortSignal): Promise<void> {
  if (yes === true || process.stdin.isTTY !== true) return;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${what}? [y/N] `, { signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw dlmsError("aborted", "nothing was changed", { layer: "cli", advice: "Answer y, or give --yes." });
}
