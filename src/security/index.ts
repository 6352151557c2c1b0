export {
  covers,
  decodeSecurityControl,
  encodeSecurityControl,
  type Protection,
  protectionOf,
  type SecurityControl,
  type SuiteId,
} from "./control.js";
export type { CounterSource, InvocationCounterStore } from "./counter.js";
export type { KeySet, ProtectOptions, SecurityContextOptions, UnprotectedApdu, Verify } from "./options.js";
export { SecretKey } from "./secret-key.js";
