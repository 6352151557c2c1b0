/** See `exceptionStateErrors` and `exceptionServiceErrors`. */
export interface ExceptionResponse {
  readonly type: "exception-response";
  readonly stateError: number;
  readonly serviceError: number;
  /** With service-error 6 (invocation-counter-error): the counter that the server expects. */
  readonly invocationCounter?: number;
}

/** See `confirmedServices` and `serviceErrors`. */
export interface ConfirmedServiceError {
  readonly type: "confirmed-service-error";
  /** 1 initiate, 5 read, 6 write. */
  readonly service: number;
  /** Choice of the ServiceError, as 6 (initiate). */
  readonly category: number;
  readonly value: number;
}
