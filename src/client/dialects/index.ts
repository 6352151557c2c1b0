export { dialectSet, withDialect } from "./apply.js";
export {
  type Dialect,
  type DialectName,
  type DialectSet,
  dialectFor,
  dialects,
  type MeterIdentity,
} from "./dialects.js";
export { Learning } from "./learnt.js";
export { type Tolerance, tolerances } from "./tolerances.js";
