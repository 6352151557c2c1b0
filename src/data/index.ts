export {
  type BitString,
  type Data,
  type DataType,
  dataTags,
  type SmallIntegerType,
  type TypeDescription,
} from "./types.js";
