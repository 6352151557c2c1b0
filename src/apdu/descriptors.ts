import { dlmsError } from "../base/index.js";
import {
  boolean,
  type Codec,
  fixedOctets,
  type Infer,
  octetString,
  optional,
  struct,
  unsigned8,
  unsigned16,
  unsigned32,
} from "../codec/index.js";
import { dataView, finalDataView } from "./data-view.js";

const instanceId = fixedOctets(6);

const attributeDescriptorFields = struct(
  {},
  {
    classId: unsigned16,
    /** Logical name, six octets. */
    instanceId,
    /** 0 means all attributes. */
    attributeId: unsigned8,
  },
);
/** cosem-attribute-descriptor. */
export interface AttributeDescriptor extends Infer<typeof attributeDescriptorFields> {}
export const attributeDescriptor: Codec<AttributeDescriptor> = attributeDescriptorFields;

const methodDescriptorFields = struct(
  {},
  {
    classId: unsigned16,
    /** Logical name, six octets. */
    instanceId,
    methodId: unsigned8,
  },
);
/** cosem-method-descriptor. */
export interface MethodDescriptor extends Infer<typeof methodDescriptorFields> {}
export const methodDescriptor: Codec<MethodDescriptor> = methodDescriptorFields;

const selectiveAccessDescriptorFields = struct(
  {},
  {
    selector: unsigned8,
    /** Encoded Data. */
    parameters: dataView,
  },
);
/** selective-access-descriptor. */
export interface SelectiveAccessDescriptor extends Infer<typeof selectiveAccessDescriptorFields> {}
export const selectiveAccessDescriptor: Codec<SelectiveAccessDescriptor> = selectiveAccessDescriptorFields;

const attributeWithSelectionFields = struct(
  {},
  { attribute: attributeDescriptor, access: optional(selectiveAccessDescriptor) },
);
/** An attribute, or a selected part of it. */
export interface AttributeWithSelection extends Infer<typeof attributeWithSelectionFields> {}
export const attributeWithSelection: Codec<AttributeWithSelection> = attributeWithSelectionFields;

/** Get-Data-Result: encoded Data, or a data-access-result by its number (see `dataAccessResults`). */
export type GetDataResult =
  | { readonly ok: true; readonly data: Uint8Array }
  | { readonly ok: false; readonly result: number };

/** A result whose data, when it is there, `data` reads. */
function resultWith(data: Codec<Uint8Array>): Codec<GetDataResult> {
  return {
    encode(writer, value) {
      writer.u8(value.ok ? 0 : 1);
      if (value.ok) data.encode(writer, value.data);
      else unsigned8.encode(writer, value.result);
    },
    decode(reader, context) {
      const offset = reader.offset;
      const choice = reader.u8();
      if (choice === 0) return { ok: true, data: data.decode(reader, context) };
      if (choice === 1) return { ok: false, result: reader.u8() };
      throw dlmsError("malformed", `unknown choice ${choice} of a result`, {
        layer: "apdu",
        offset,
        expected: "0 data, 1 data-access-result",
      });
    },
  };
}

/** A result among others. */
export const getDataResult = resultWith(dataView);
/** A result at the end of its APDU. */
export const finalGetDataResult = resultWith(finalDataView);
/** DataBlock-G: a length in front, and any octets. */
export const rawDataResult = resultWith(octetString);

const dataBlockFields = struct({}, { lastBlock: boolean, blockNumber: unsigned32, rawData: octetString });
/** DataBlock-SA: a block of octets on their way to the server, or of a method's parameters or results. */
export interface DataBlock extends Infer<typeof dataBlockFields> {}
export const dataBlock: Codec<DataBlock> = dataBlockFields;
