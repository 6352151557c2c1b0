import type { AccessRequest, AccessResponse } from "./access.js";
import type { Aare, Aarq, Rlre, Rlrq } from "./acse.js";
import type { ActionRequest, ActionResponse } from "./action.js";
import type { GeneralBlockTransfer } from "./block-transfer.js";
import type {
  GeneralCiphering,
  GeneralDedCiphering,
  GeneralGloCiphering,
  GeneralSigning,
  ServiceCiphering,
} from "./ciphered.js";
import type { DataNotification, DataNotificationConfirm } from "./data-notification.js";
import type { ConfirmedServiceError, ExceptionResponse } from "./error-response.js";
import type { EventNotificationRequest } from "./event-notification.js";
import type { GatewayMessage } from "./gateway.js";
import type { GetRequest, GetResponse } from "./get.js";
import type { InformationReportRequest } from "./information-report.js";
import type { InitiateRequest, InitiateResponse } from "./initiate.js";
import type { ReadRequest, ReadResponse } from "./read.js";
import type { SetRequest, SetResponse } from "./set.js";
import type { UnconfirmedWriteRequest, WriteRequest, WriteResponse } from "./write.js";

/** Every APDU of ACSE and xDLMS, told apart by `type`; the form of a service is in `choice`. */
export type Apdu =
  | Aarq
  | Aare
  | Rlrq
  | Rlre
  | InitiateRequest
  | InitiateResponse
  | ConfirmedServiceError
  | GetRequest
  | GetResponse
  | SetRequest
  | SetResponse
  | ActionRequest
  | ActionResponse
  | EventNotificationRequest
  | DataNotification
  | DataNotificationConfirm
  | AccessRequest
  | AccessResponse
  | ExceptionResponse
  | ReadRequest
  | ReadResponse
  | WriteRequest
  | WriteResponse
  | UnconfirmedWriteRequest
  | InformationReportRequest
  | GeneralBlockTransfer
  | ServiceCiphering
  | GeneralGloCiphering
  | GeneralDedCiphering
  | GeneralCiphering
  | GeneralSigning
  | GatewayMessage;

export type ApduType = Apdu["type"];
