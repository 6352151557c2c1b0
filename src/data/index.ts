export { decodeData } from "./decode.js";
export { encodeData, writeData } from "./encode.js";
export { skipData } from "./skip.js";
export {
  type BitString,
  type Data,
  type DataType,
  dataTags,
  type SmallIntegerType,
  type TypeDescription,
} from "./types.js";
