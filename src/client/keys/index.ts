export { agreeKeys, type KeyAgreementOptions } from "./agreement.js";
export { changeKeys, type KeyTransferOptions, type NewKeys, settleKeys } from "./change.js";
export { changeHlsSecret, changePassword, type SecretChangeOptions } from "./secrets.js";
export type { ChangeableKey, ChangedKeys, KeyChangeOptions } from "./setup.js";
