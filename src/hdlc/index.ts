export {
  type AddressSize,
  addressText,
  clientAddress,
  decodeAddress,
  encodeAddress,
  type HdlcAddress,
  isAllStations,
  reservedAddresses,
  sameStation,
  serverAddress,
} from "./address.js";
export { HdlcClientLink } from "./client-link.js";
export { type Control, decodeControl, encodeControl, type FrameType } from "./control.js";
export { checkHolds, checkSequence } from "./fcs.js";
export { decodeFrame, encodeFrame, frameText, type HdlcFrame, longestFrame, type ReceivedFrame } from "./frame.js";
export { type LinkMove, type LinkState, linkMachine } from "./link.table.js";
export { type HdlcLinkOptions, lineTimeMs } from "./options.js";
export { decodeParameters, defaultParameters, encodeParameters, type LinkParameters } from "./parameters.js";
export { rejectText } from "./reject.js";
export { type Assembled, type LlcSide, SegmentAssembler, segment } from "./segments.js";
export {
  type HdlcPeer,
  type HdlcServerCommand,
  type HdlcServerEvent,
  HdlcServerLine,
  type HdlcServerLineOptions,
} from "./server-line.js";
export { FrameSplitter, type FrameSplitterOptions, type HdlcChunk } from "./splitter.js";
export { allStations, HdlcUnnumberedLink, type HdlcUnnumberedOptions } from "./unnumbered-link.js";
