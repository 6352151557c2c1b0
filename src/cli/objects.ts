import type { Command } from "commander";
import { classVersions, describeObis, type ListedObject } from "../cosem/index.js";
import { type LinkFlags, withLinkOptions } from "./link-options.js";
import { withMeter } from "./session.js";
import { rowsText } from "./table.js";

/** Declares `dlms objects`: what the association shows, with rights. */
export function configureObjects(command: Command): Command {
  return withLinkOptions(command)
    .description("list the objects that the meter shows to this client, with access rights")
    .option("--json", "print JSON")
    .option("--class <id>", "objects of this class alone")
    .action(async (flags: LinkFlags & { readonly json?: boolean; readonly class?: string }) => {
      const list = await withMeter(flags, ({ meter }) => meter.objects());
      const wanted = [...list].filter(({ classId }) => flags.class === undefined || classId === Number(flags.class));
      if (flags.json === true) process.stdout.write(`${JSON.stringify(wanted.map(objectJson), null, 1)}\n`);
      else
        process.stdout.write(
          rowsText("table", ["class", "obis", "name", "attributes", "methods"], wanted.map(objectRow)),
        );
    });
}

function objectRow(object: ListedObject) {
  const table = classVersions.closest(object.classId, object.version);
  const attributes = [...(object.attributes ?? [])].map(
    ([id, { read, write }]) => `${id}${read ? "r" : ""}${write ? "w" : ""}`,
  );
  const methods = [...(object.methods ?? [])].flatMap(([id, { invoke }]) => (invoke ? [String(id)] : []));
  return {
    class: `${object.classId} ${table?.name ?? "?"} v${object.version}`,
    obis: object.obis.toString(),
    name: describeObis(object.obis) ?? "",
    attributes: attributes.join(" "),
    methods: methods.join(" "),
  };
}

function objectJson(object: ListedObject) {
  const table = classVersions.closest(object.classId, object.version);
  return {
    classId: object.classId,
    version: object.version,
    className: table?.name ?? null,
    obis: object.obis.toString(),
    name: describeObis(object.obis) ?? null,
    attributes: [...(object.attributes ?? [])].map(([id, { read, write, selectors }]) => ({
      id,
      read,
      write,
      selectors,
    })),
    methods: [...(object.methods ?? [])].map(([id, { invoke }]) => ({ id, invoke })),
  };
}
