import { type Infer, octetString, optional, struct } from "../codec/index.js";
import { values, variables } from "./variable-access.js";

export const informationReportRequest = struct(
  { type: "information-report-request" },
  {
    /** GeneralizedTime, its characters as octets. */
    currentTime: optional(octetString),
    variables,
    values,
  },
);
/** InformationReport.request (Green Book 9.3.17, tag 18). */
export type InformationReportRequest = Infer<typeof informationReportRequest>;
