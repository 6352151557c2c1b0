/** The columns of a profile, from its own capture objects (IEC 62056-6-2, Profile generic, capture_objects). */
import type { ProfileGeneric } from "./classes/profile-generic.js";
import { attributeById, attributeNamed } from "./codec.js";
import type { ObjectHandle } from "./handles.js";
import type { Obis } from "./obis.js";
import type { ClassRegistry } from "./registry.js";

/** What a profile captures in one column. */
export type CaptureObject = Awaited<ReturnType<ObjectHandle<typeof ProfileGeneric>["captureObjects"]["get"]>>[number];

/** What the cells of a column are for. */
export type ColumnRole = "clock" | "status" | "value";

/** One column of a profile. */
export interface ProfileColumn {
  /** Unique in its profile: `1-0:1.8.0`, with `/5` for another attribute than the value, `[2]` for a part of it. */
  readonly name: string;
  readonly role: ColumnRole;
  readonly classId: number;
  readonly obis: Obis;
  readonly attributeId: number;
  /** Which part of the attribute is captured; 0 is the whole. */
  readonly dataIndex: number;
  /** Attribute of the same object that holds scaler and unit; undefined where the class has none. */
  readonly scalerAttributeId: number | undefined;
}

const clockClass = 8;
const statusMappingClass = 63;
const noBillingPeriod = 255;
const valueAttribute = 2;

/**
 * The columns that a profile captures, in the order of its rows. The clock column is the first one that captures the
 * time of a Clock object, whatever its name and place; there may be none.
 */
export function profileColumns(
  captureObjects: readonly CaptureObject[],
  classes: Pick<ClassRegistry, "newest">,
): readonly ProfileColumn[] {
  const names = new Map<string, number>();
  let clockFound = false;
  return captureObjects.map(({ classId, logicalName: obis, attributeIndex, dataIndex }) => {
    const isClock = !clockFound && classId === clockClass && attributeIndex === valueAttribute;
    clockFound ||= isClock;
    const base = columnName(obis, attributeIndex, dataIndex);
    const same = (names.get(base) ?? 0) + 1;
    names.set(base, same);
    return {
      name: same === 1 ? base : `${base} (${same})`,
      role: isClock ? "clock" : isStatus(classId, obis, attributeIndex) ? "status" : "value",
      classId,
      obis,
      attributeId: attributeIndex,
      dataIndex,
      scalerAttributeId: scalerAttribute(classId, attributeIndex, classes),
    };
  });
}

/**
 * The parts of a data_index: up to 255 it counts the elements of the attribute; where the captured attribute is
 * complex, the high octet has a meaning of its own, which is handed out as it is.
 */
export function dataIndexParts(dataIndex: number): { readonly high: number; readonly low: number } {
  return { high: dataIndex >> 8, low: dataIndex & 0xff };
}

function columnName(obis: Obis, attributeId: number, dataIndex: number): string {
  const code = obis.toString();
  const short = obis.f === noBillingPeriod ? code.slice(0, code.indexOf("*")) : code;
  const { high, low } = dataIndexParts(dataIndex);
  const part = dataIndex === 0 ? "" : `[${high === 0 ? low : `${high}:${low}`}]`;
  return `${short}${attributeId === valueAttribute ? "" : `/${attributeId}`}${part}`;
}

/** Profile status words have 0-b:96.10.e, or are of class Status mapping. */
function isStatus(classId: number, obis: Obis, attributeId: number): boolean {
  if (attributeId !== valueAttribute) return false;
  return classId === statusMappingClass || (obis.a <= 1 && obis.c === 96 && obis.d === 10);
}

function scalerAttribute(
  classId: number,
  attributeId: number,
  classes: Pick<ClassRegistry, "newest">,
): number | undefined {
  const table = classes.newest(classId);
  const row = table && attributeById(table, attributeId);
  return table && row?.spec.kind === "scaled" ? attributeNamed(table, row.spec.scaledBy).id : undefined;
}
