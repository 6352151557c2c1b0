export { blockCheck, blockSum, telegramCheck } from "./block-check.js";
export { stripParity } from "./characters.js";
export { type DataSet, type DataValue, formatDataSets, parseDataSets } from "./data-set.js";
export {
  formatIdentification,
  type Identification,
  modeBBaudRates,
  modeCBaudRates,
  type OfferedMode,
  offeredBaudRate,
  offeredMode,
  parseIdentification,
  reactionTimeMs,
} from "./identification.js";
export {
  type CommandMessage,
  type DataMessage,
  decodeLocalMessage,
  encodeLocalMessage,
  type LocalMessage,
} from "./messages.js";
export { type LocalLine, SignOn, type SignOnCommand, type SignOnEvent, type SignOnOptions } from "./sign-on.js";
export { type SignOnState, signOnMachine } from "./sign-on.table.js";
export { SignOnResponder, type SignOnResponderEvent, type SignOnResponderOptions } from "./sign-on-responder.js";
export { type LocalChunk, LocalSplitter } from "./splitter.js";
export { formatTelegram, parseTelegram, type Telegram } from "./telegram.js";
