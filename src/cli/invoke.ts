import type { Meter } from "../client/index.js";
import { type InterfaceClass, methodById, methodNamed } from "../cosem/index.js";
import type { Data } from "../data/index.js";
import { classes } from "./classes.js";
import { confirm } from "./confirm.js";
import { explicitData, givenData } from "./given-value.js";
import type { WriteFlags } from "./link-flags.js";
import { invalid } from "./link-options.js";
import { parseTarget, type ReadTarget, tableOf } from "./read.js";
import { withMeter } from "./session.js";
import { jsonValue, valueText } from "./values.js";

/** Carries out `dlms invoke`. */
export async function runInvoke(targetText: string, parameter: string | undefined, flags: WriteFlags): Promise<void> {
  if (!/\/[^/]*[A-Za-z\d]$/.test(targetText) || !/[:.]/.test(targetText.slice(0, targetText.lastIndexOf("/"))))
    throw invalid(`${targetText} names no method`, "Write OBIS/METHOD or CLASS/OBIS/METHOD.");
  const target = parseTarget(targetText);
  const returned = await withMeter(flags, ({ meter, signal }) => invoke(meter, target, parameter, flags, signal));
  if (flags.json === true)
    process.stdout.write(`${JSON.stringify({ target: targetText, returned: jsonValue(returned) }, null, 1)}\n`);
  else
    process.stdout.write(`${targetText}: done${returned === undefined ? "" : `, returned ${valueText(returned)}`}\n`);
}

async function invoke(
  meter: Meter,
  target: ReadTarget,
  given: string | undefined,
  flags: WriteFlags,
  signal: AbortSignal,
): Promise<unknown> {
  const { classId, methodId, parameter } = await callOf(meter, target, given, signal);
  const what = given === undefined ? "" : ` with ${given}`;
  await confirm(`Invoke ${target.text}${what}`, flags.yes, signal);
  return await meter.raw(classId, target.obis).invoke(methodId, parameter, { signal });
}

interface Call {
  readonly classId: number;
  readonly methodId: number;
  readonly parameter: Data | undefined;
}

/** Class, method and parameter; without a table the method goes by its number and the parameter is written out. */
async function callOf(meter: Meter, target: ReadTarget, given: string | undefined, signal: AbortSignal): Promise<Call> {
  const { classId, attribute: wanted } = target;
  if (classId !== undefined && typeof wanted === "number" && classes.newest(classId) === undefined)
    return { classId, methodId: wanted, parameter: given === undefined ? undefined : explicitData(given) };
  const table = await tableOf(meter, target, signal);
  const { id, parameter: type } = methodNamed(table, methodName(table, wanted));
  if (given !== undefined) return { classId: table.id, methodId: id, parameter: givenData(given, type) };
  const none = type.meaning === "0" || type.kind === "null-data" || type.kind === "any";
  if (!none) throw invalid(`${target.text} takes a parameter`, "Give it after the method; docs/cli.md says how.");
  const parameter: Data = type.kind === "integer" ? { type: "integer", value: 0 } : { type: "null-data" };
  return { classId: table.id, methodId: id, parameter };
}

function methodName(table: InterfaceClass, wanted: string | number): string {
  const name = typeof wanted === "string" ? wanted : methodById(table, wanted)?.name;
  if (name !== undefined && Object.hasOwn(table.methods, name)) return name;
  const known = Object.keys(table.methods).join(", ");
  throw invalid(`class ${table.name} has no method ${wanted}`, known === "" ? "It has none." : `It has: ${known}.`);
}
