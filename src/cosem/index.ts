export {
  type AccessModes,
  type AttributeAccess,
  accessModeBits,
  attributeAccess,
  type MethodAccess,
  methodAccess,
  type Protection,
  type ProtectionWish,
} from "./access-rights.js";
export * from "./classes/index.js";
export { captureObject, scalerUnit } from "./classes/records.js";
export { type ClockFacts, type ClockRule, clockRule, localDateTime } from "./clock-rule.js";
export {
  type AttributeName,
  type AttributeValue,
  attributeById,
  attributeNamed,
  attributeShortName,
  decodeAttribute,
  decodeParameter,
  encodeAttribute,
  encodeParameter,
  type MethodParameter,
  methodById,
  methodNamed,
  methodShortName,
  type Named,
} from "./codec.js";
export { array, choice, mapped, nothing, optional, structure } from "./composite-types.js";
export { type CoreClasses, coreClasses } from "./core-classes.js";
export {
  type AnyAttribute,
  type AnyMethod,
  type AttributeSpec,
  action,
  attribute,
  type ClassDefinition,
  type ClassTable,
  defineClass,
  extendClass,
  fixed,
  type InterfaceClass,
  type MethodSpec,
  method,
  query,
  repeatable,
  type ScaledSpec,
  scaled,
  selective,
} from "./define.js";
export * from "./enumerations.js";
export type {
  AttributeHandle,
  CallOptions,
  GetOptions,
  MethodHandle,
  ObjectHandle,
  ScaledHandle,
  Selection,
  WriteCallOptions,
} from "./handles.js";
export { methodOffset } from "./method-offsets.js";
export { Obis, type ObisLike, type ObisText } from "./obis.js";
export { describeObis } from "./obis-names.js";
export { type ListedAttribute, type ListedObject, ObjectList } from "./object-list.js";
export {
  type CaptureObject,
  type ColumnRole,
  dataIndexParts,
  type ProfileColumn,
  profileColumns,
} from "./profile-columns.js";
export {
  classListSelection,
  type EntryRange,
  entrySelection,
  type RangeBounds,
  rangeSelection,
} from "./profile-selection.js";
export {
  decodeProtectedData,
  decodeProtectedInvocation,
  decodeProtectedRequest,
  encodeProtectedData,
  encodeProtectedInvocation,
  encodeProtectedRequest,
  type LayerKeyInfo,
  layersOf,
  type ProtectedAttribute,
  type ProtectedData,
  type ProtectedRequest,
  type ProtectionLayer,
  protectionParametersOf,
} from "./protected-data.js";
export { numberOf, Quantity, type ScalerUnit } from "./quantity.js";
export { ClassRegistry } from "./registry.js";
export {
  anyData,
  bitStringOf,
  bool,
  date,
  dateTime,
  enumeration,
  enumOf,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  logicalName,
  noParameter,
  octetString,
  taggedDateTime,
  time,
  uint8,
  uint16,
  uint32,
  uint64,
  utf8String,
  visibleString,
} from "./simple-types.js";
export { type Classes, classVersions, standardClasses } from "./standard-classes.js";
export { Unit, type UnitName, unitCode, unitName, unitText } from "./unit.js";
export { typeText, type ValueOf, type ValueType } from "./value-type.js";
