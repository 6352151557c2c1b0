import { UsageError } from "../base/index.js";
import type { Meter, ReadResult } from "../client/index.js";
import { attributeById, type InterfaceClass, Obis } from "../cosem/index.js";
import { classes } from "./classes.js";
import { exitCodes } from "./exit-codes.js";
import type { LinkFlags } from "./link-flags.js";
import { invalid } from "./link-options.js";
import { withMeter } from "./session.js";
import { rowsText } from "./table.js";
import { jsonValue, valueText } from "./values.js";

/** What is to be read: a class where the user gave one, the object, and an attribute by number or name. */
export interface ReadTarget {
  readonly text: string;
  readonly classId?: number;
  readonly obis: Obis;
  readonly attribute: number | string;
}

/**
 * Reads `[CLASS/]OBIS[/ATTRIBUTE]`, as `1-0:1.8.0`, `3/1-0:1.8.0*255/2`, `1-0:99.1.0/capturePeriod`.
 * @throws UsageError `invalid-argument`, `invalid-obis`.
 */
export function parseTarget(text: string): ReadTarget {
  const match = /^(?:(\d+)\/)?([^/]+?)(?:\/([A-Za-z]\w*|\d+))?$/.exec(text);
  if (match === null) throw invalid(`${text} names no attribute`, "Write OBIS, CLASS/OBIS or CLASS/OBIS/ATTRIBUTE.");
  const [, classId, obis = "", attribute = "2"] = match;
  return {
    text,
    obis: Obis.parse(obis),
    attribute: /^\d+$/.test(attribute) ? Number(attribute) : attribute,
    ...(classId === undefined ? {} : { classId: Number(classId) }),
  };
}

/** Carries out `dlms read`. */
export async function runRead(
  targets: readonly string[],
  flags: LinkFlags & { readonly json?: boolean },
): Promise<void> {
  const wanted = targets.map(parseTarget);
  const rows = await withMeter(flags, ({ meter }) => readTargets(meter, wanted));
  if (flags.json === true) process.stdout.write(`${JSON.stringify(rows.map(jsonRow), null, 1)}\n`);
  else process.stdout.write(rowsText("table", ["target", "value"], rows.map(textRow)));
  if (rows.some(({ error }) => error !== undefined)) process.exitCode = exitCodes.refused;
}

interface ReadRow {
  readonly target: string;
  readonly value?: unknown;
  readonly error?: Error;
}

/** One list read where the meter grants that; a row for each target, in order. What cannot be asked has its error. */
async function readTargets(meter: Meter, targets: readonly ReadTarget[]): Promise<ReadRow[]> {
  const rows: ReadRow[] = targets.map(({ text }) => ({ target: text }));
  const asked: { readonly index: number; readonly handle: ReadableHandle }[] = [];
  for (const [index, target] of targets.entries())
    try {
      asked.push({ index, handle: await handleOf(meter, target) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      rows[index] = { target: target.text, error };
    }
  const results: readonly ReadResult<unknown>[] = await meter.readAll(asked.map(({ handle }) => handle));
  for (const [i, { index }] of asked.entries()) {
    const result = results[i];
    const target = targets[index]?.text ?? "";
    if (result !== undefined)
      rows[index] = result.ok ? { target, value: result.value } : { target, error: result.error };
  }
  return rows;
}

/** What `readAll` takes, whatever the type of its value. */
interface ReadableHandle {
  get(options?: never): Promise<unknown>;
}

/**
 * The table of the target's class: of the class given, else of the object with that name.
 * @throws UsageError `invalid-argument` when neither is known.
 */
export async function tableOf(
  meter: Meter,
  target: Pick<ReadTarget, "classId" | "obis">,
  signal?: AbortSignal,
): Promise<InterfaceClass> {
  const listed = target.classId === undefined ? (await meter.objects({ signal })).find(target.obis) : undefined;
  const classId = target.classId ?? listed?.classId;
  if (classId === undefined)
    throw invalid(`the meter shows no object ${target.obis} to this client`, "Give the class: CLASS/OBIS.");
  const table = listed === undefined ? classes.newest(classId) : classes.closest(classId, listed.version);
  if (table === undefined) throw invalid(`class ${classId} is not known`, "Classes are listed in docs/support.md.");
  return table;
}

async function handleOf(meter: Meter, target: ReadTarget): Promise<ReadableHandle> {
  const table = await tableOf(meter, target);
  const name = attributeName(table, target);
  const handle = (meter.object(table, target.obis) as Readonly<Record<string, ReadableHandle>>)[name];
  if (handle === undefined) throw invalid(`class ${table.name} has no attribute ${name}`, knownAttributes(table));
  return handle;
}

/** Name of the target's attribute. @throws UsageError `invalid-argument` for a number that the class has not. */
export function attributeName(table: InterfaceClass, { attribute }: Pick<ReadTarget, "attribute">): string {
  if (typeof attribute === "string") return attribute;
  const found = attributeById(table, attribute);
  if (found === undefined) throw invalid(`class ${table.name} has no attribute ${attribute}`, knownAttributes(table));
  return found.name;
}

function knownAttributes(table: InterfaceClass): string {
  return `It has: ${["logicalName", ...Object.keys(table.attributes)].join(", ")}.`;
}

function textRow({ target, value, error }: ReadRow) {
  return { target, value: error === undefined ? valueText(value) : `— ${error.message}` };
}

function jsonRow({ target, value, error }: ReadRow) {
  return error === undefined
    ? { target, value: jsonValue(value) }
    : { target, error: { code: (error as { code?: string }).code ?? "unknown", message: error.message } };
}
