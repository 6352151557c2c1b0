// Which vectors of the corpus hold which form.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromHex } from "../../src/base/index.js";
import { translateKeys } from "../../src/cli/translate-keys.js";
import { translate } from "../../src/translate/index.js";
import { lines } from "../translate/helpers.js";
import { formsIn } from "./forms.js";

interface Vector {
  readonly id: string;
  readonly hex?: string | readonly string[];
  readonly keys?: { readonly [name: string]: unknown };
}

const folder = process.env["DLMS_CORPUS"] ?? "";

/** Vectors by form; undefined where there is no corpus. */
export function formsOfCorpus(): ReadonlyMap<string, readonly string[]> | undefined {
  if (!existsSync(folder)) return undefined;
  const found = new Map<string, string[]>();
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort())
    for (const { id, hex = [], keys = {} } of JSON.parse(readFileSync(join(folder, name), "utf8")) as Vector[]) {
      const octets = (typeof hex === "string" ? [hex] : hex).map(fromHex);
      const { dedicatedKey: _, ...rest } = keys;
      const messages = translate(lines(...octets), translateKeys({}, rest)).filter(({ error }) => error === null);
      for (const form of new Set(formsIn(messages))) found.set(form, [...(found.get(form) ?? []), id]);
    }
  return found;
}
