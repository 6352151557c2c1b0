export { WrapperClientLink, type WrapperLinkOptions } from "./client-link.js";
export {
  allStations,
  decodePacket,
  dlmsPort,
  encodePacket,
  headerSize,
  longestApdu,
  type WrapperPacket,
  wrapperVersion,
} from "./header.js";
export {
  type WrapperPeer,
  type WrapperServerCommand,
  type WrapperServerEvent,
  WrapperServerLine,
  type WrapperServerLineOptions,
} from "./server-line.js";
export { PacketSplitter } from "./splitter.js";
