import type { ListedObject } from "../cosem/index.js";
import { classes } from "./classes.js";
import type { LinkFlags } from "./link-flags.js";
import { wholeNumber } from "./link-options.js";
import { withMeter } from "./session.js";
import { rowsText } from "./table.js";

/** Carries out `dlms objects`. */
export async function runObjects(
  flags: LinkFlags & { readonly json?: boolean; readonly class?: string },
): Promise<void> {
  const only = flags.class === undefined ? undefined : wholeNumber("--class", flags.class, 0, 65_535);
  const list = await withMeter(flags, ({ meter }) => meter.objects());
  const wanted = [...list].filter(({ classId }) => only === undefined || classId === only);
  if (flags.json === true) process.stdout.write(`${JSON.stringify(wanted.map(objectJson), null, 1)}\n`);
  else process.stdout.write(rowsText("table", ["class", "obis", "attributes", "methods"], wanted.map(objectRow)));
}

function objectRow(object: ListedObject) {
  const table = classes.closest(object.classId, object.version);
  const attributes = [...(object.attributes ?? [])].map(
    ([id, { read, write }]) => `${id}${read ? "r" : ""}${write ? "w" : ""}`,
  );
  const methods = [...(object.methods ?? [])].flatMap(([id, { invoke }]) => (invoke ? [String(id)] : []));
  return {
    class: `${object.classId} ${table?.name ?? "?"} v${object.version}`,
    obis: object.obis.toString(),
    attributes: attributes.join(" "),
    methods: methods.join(" "),
  };
}

function objectJson(object: ListedObject) {
  const table = classes.closest(object.classId, object.version);
  return {
    classId: object.classId,
    version: object.version,
    className: table?.name ?? null,
    obis: object.obis.toString(),
    attributes: [...(object.attributes ?? [])].map(([id, { read, write, selectors }]) => ({
      id,
      read,
      write,
      selectors,
    })),
    methods: [...(object.methods ?? [])].map(([id, { invoke }]) => ({ id, invoke })),
  };
}
