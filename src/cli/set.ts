import { DlmsError, equalBytes } from "../base/index.js";
import type { Meter } from "../client/index.js";
import { attributeNamed, decodeAttribute, type InterfaceClass, typeText } from "../cosem/index.js";
import { type Data, encodeData } from "../data/index.js";
import { classes } from "./classes.js";
import { confirm } from "./confirm.js";
import { exitCodes } from "./exit-codes.js";
import { explicitData, givenData } from "./given-value.js";
import type { WriteFlags } from "./link-flags.js";
import { attributeName, parseTarget, type ReadTarget, tableOf } from "./read.js";
import { withMeter } from "./session.js";
import { jsonValue, valueText } from "./values.js";

interface Written {
  readonly target: string;
  readonly written: unknown;
  /** What the meter holds afterwards; undefined where it was not read, or may not be. */
  readonly readBack?: unknown;
  /** The attribute keeps what is written, and now holds something else. */
  readonly differs: boolean;
}

/** Carries out `dlms set`. */
export async function runSet(targetText: string, valueGiven: string, flags: WriteFlags): Promise<void> {
  const target = parseTarget(targetText);
  const result = await withMeter(flags, ({ meter, signal }) => write(meter, target, valueGiven, flags, signal));
  if (flags.json === true) process.stdout.write(`${JSON.stringify(jsonValue(result), null, 1)}\n`);
  else process.stdout.write(textOf(result));
  if (result.differs) process.exitCode = exitCodes.data;
}

async function write(
  meter: Meter,
  target: ReadTarget,
  given: string,
  flags: WriteFlags,
  signal: AbortSignal,
): Promise<Written> {
  const { attributeId, classId, table, name } = await placeOf(meter, target, signal);
  const object = meter.raw(classId, target.obis);
  const data = await dataFor(given, table, name, () => object.get(attributeId, { signal }));
  const meaning = (value: Data) => (table && name ? decodeAttribute(table, name as never, value) : value);
  const written = meaning(data);
  await confirm(`Write ${valueText(written)} to ${target.text}`, flags.yes, signal);
  await object.set(attributeId, data, { signal });
  if (flags.verify === false) return { target: target.text, written, differs: false };
  const found = await readable(() => object.get(attributeId, { signal }));
  if (found === undefined) return { target: target.text, written, differs: false };
  const keeps = table !== undefined && name !== undefined && attributeNamed(table, name).static;
  const differs = keeps && !equalBytes(encodeData(found), encodeData(data));
  return { target: target.text, written, readBack: meaning(found), differs };
}

interface Place {
  readonly classId: number;
  readonly attributeId: number;
  readonly table?: InterfaceClass;
  readonly name?: string;
}

/** Class and attribute by their numbers; without a table for a class that is not known, as long as numbers are given. */
async function placeOf(meter: Meter, target: ReadTarget, signal: AbortSignal): Promise<Place> {
  const { classId, attribute } = target;
  if (classId !== undefined && typeof attribute === "number" && classes.newest(classId) === undefined)
    return { classId, attributeId: attribute };
  const table = await tableOf(meter, target, signal);
  const name = attributeName(table, target);
  return { classId: table.id, attributeId: attributeNamed(table, name).id, table, name };
}

/** Where the table leaves the type open, the value that is there tells it. */
async function dataFor(
  given: string,
  table: InterfaceClass | undefined,
  name: string | undefined,
  present: () => Promise<Data>,
): Promise<Data> {
  if (table === undefined || name === undefined) return explicitData(given);
  const { type } = attributeNamed(table, name);
  const open = typeText(type).startsWith("any") || type.kind === "choice";
  return givenData(given, type, open ? await readable(present) : undefined);
}

/** What a read gives; undefined where the meter does not let it be read. */
async function readable(read: () => Promise<Data>): Promise<Data | undefined> {
  try {
    return await read();
  } catch (error) {
    if (DlmsError.is(error) && error.code === "access-refused") return undefined;
    throw error;
  }
}

function textOf({ target, written, readBack, differs }: Written): string {
  const back = readBack === undefined ? "" : `, reads back ${valueText(readBack)}`;
  const warning = differs ? `dlms: ${target} does not hold what was written\n` : "";
  if (warning !== "") process.stderr.write(warning);
  return `${target}: wrote ${valueText(written)}${back}\n`;
}
