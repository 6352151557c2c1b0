import { type Codec, type Infer, struct, trailing, unsigned8, unsigned32 } from "../codec/index.js";
import { exceptionServiceErrors } from "./enumerations.js";

/** EXCEPTION-RESPONSE (Green Book 9.5, tag D8): see `exceptionStateErrors` and `exceptionServiceErrors`. */
export interface ExceptionResponse {
  readonly type: "exception-response";
  readonly stateError: number;
  readonly serviceError: number;
  /** With invocation-counter-error: the counter that the server expects. Unauthenticated, so no more than a hint. */
  readonly invocationCounter?: number;
}

const fields = { stateError: unsigned8, serviceError: unsigned8 };
const plain = struct({ type: "exception-response" }, fields);
/** Older servers leave the counter out even after invocation-counter-error. */
const withCounter = struct({ type: "exception-response" }, { ...fields, invocationCounter: trailing(unsigned32) });

export const exceptionResponse: Codec<ExceptionResponse> = {
  encode(writer, value) {
    const carriesCounter = value.serviceError === exceptionServiceErrors["invocation-counter-error"];
    (carriesCounter ? withCounter : plain).encode(writer, value);
  },
  decode(reader, context) {
    const serviceError = reader.remaining < 2 ? undefined : reader.bytes[reader.offset + 1];
    const carriesCounter = serviceError === exceptionServiceErrors["invocation-counter-error"];
    return (carriesCounter ? withCounter : plain).decode(reader, context);
  },
};

export const confirmedServiceError = struct(
  { type: "confirmed-service-error" },
  {
    /** See `confirmedServices`: 1 initiate-error, 5 read, 6 write. */
    service: unsigned8,
    /** Choice of the ServiceError: see `serviceErrors`. */
    category: unsigned8,
    value: unsigned8,
  },
);
/** ConfirmedServiceError (Green Book 9.5, tag 0E). */
export type ConfirmedServiceError = Infer<typeof confirmedServiceError>;
