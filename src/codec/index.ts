export { lengthSize, readLength, writeLength } from "./length.js";
