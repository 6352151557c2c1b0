export { type MbusApdu, MbusAssembler, segmentMbusApdu } from "./assembler.js";
export {
  encodeMbusFrame,
  type MbusFrame,
  type MbusMatch,
  matchMbusFrame,
  mbusChecksum,
  type ParsedMbusFrame,
} from "./frame.js";
export { type MbusChunk, MbusSplitter } from "./splitter.js";
