import { toHex } from "../../../src/base/index.js";
import { bitText, type Data } from "../../../src/data/index.js";

/** A value as the peers print theirs: octets in hexadecimal, arrays and structures as arrays, the rest as it is. */
export type Plain = number | string | boolean | null | readonly Plain[];

export function plain(data: Data): Plain {
  switch (data.type) {
    case "null-data":
      return null;
    case "array":
    case "structure":
      return data.value.map(plain);
    case "octet-string":
    case "visible-string":
    case "date-time":
      return typeof data.value === "string" ? data.value : toHex(data.value).toUpperCase();
    case "bit-string":
      return bitText(data.value);
    case "double-long-unsigned":
    case "long-unsigned":
    case "unsigned":
    case "integer":
    case "long":
    case "double-long":
    case "enum":
    case "boolean":
      return data.value;
    default:
      throw new Error(`${data.type} is in none of the values compared here`);
  }
}
