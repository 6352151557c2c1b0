/** A deviation of meters that is put up with, and who does it. */
export interface Tolerance {
  /** What happens. */
  readonly what: string;
  /** Whether it is put up with unless told otherwise. */
  readonly byDefault: boolean;
  /** The option of `connect` (or of `meter.profile`) that switches it; none where taking it changes nothing for sound meters. */
  readonly option?: string;
  /** Notice of the trace that tells when it fired. */
  readonly notice?: string;
  /** Meters that were seen to do it, with the place where that is told. */
  readonly meters?: readonly string[];
  /** What the standard has. */
  readonly clause: string;
}

/** Deviations by name: those that can be switched, and those that meters are known to have. */
export const tolerances = {
  "send-sequence-stands-still": {
    what: "N(S) stands still at 0 with every frame",
    byDefault: false,
    option: "hdlc.ignoreSendSequence",
    notice: "send-sequence-ignored",
    meters: ["Hexing HXE130 (gurux-dlms-ts, patch 0001)"],
    clause: "IEC 62056-46 6.4.4.4",
  },
  "stale-session": {
    what: "an old session is open, and SNRM is refused before DISC",
    byDefault: false,
    option: "hdlc.disconnectFirst",
    notice: "link-set-up-refused",
    meters: ["Hexing HXE130 (gurux-dlms-ts, commit bae5b28)"],
    clause: "IEC 62056-46 6.4.4.4.2",
  },
  "address-widths-mixed": {
    what: "the answer has its addresses in another size than the question",
    byDefault: true,
    notice: "address-width",
    meters: ["Kaifa (u9n/dlms-cosem issue 68)"],
    clause: "IEC 62056-46 6.4.2",
  },
  echo: {
    what: "the probe hears what it sends itself",
    byDefault: true,
    notice: "echo-discarded",
    meters: ["Kamstrup at an infrared head (u9n/dlms-cosem issue 62)"],
    clause: "IEC 62056-46 5",
  },
  "llc-in-first-segment-alone": {
    what: "the LLC header stands in the first segment, in each of them, or nowhere",
    byDefault: true,
    notice: "llc-missing",
    meters: ["Iskraemeco AM550 (Tasmota issue 8790)"],
    clause: "IEC 62056-46 6.3",
  },
  "acceptance-without-initiate": {
    what: "an AARE accepts without an initiate-response",
    byDefault: true,
    option: "tolerances.acceptanceWithoutInitiate",
    notice: "acceptance-without-initiate",
    clause: "IEC 62056-5-3, COSEM-OPEN",
  },
  "other-application-context": {
    what: "the AARE names another application context than was asked for",
    byDefault: true,
    option: "tolerances.otherApplicationContext",
    notice: "other-application-context",
    clause: "IEC 62056-5-3, COSEM-OPEN",
  },
  "acse-length-short": {
    what: "the length of an AARE or RLRE is short of what it carries",
    byDefault: true,
    notice: "acse-length-short",
    meters: ["Landis+Gyr E650 (jDLMS, APdu.java)"],
    clause: "ISO/IEC 8650-1",
  },
  "release-unanswered": {
    what: "RLRQ is answered by an error, or not at all",
    byDefault: true,
    option: "tolerances.releaseUnanswered",
    notice: "release-unanswered",
    clause: "IEC 62056-5-3, COSEM-RELEASE",
  },
  "release-unknown": {
    what: "RLRQ is not known: leaving it out saves its time-out",
    byDefault: false,
    option: "release",
    clause: "IEC 62056-5-3, COSEM-RELEASE",
  },
  "blocks-not-negotiated": {
    what: "an answer comes in blocks although that was not agreed on",
    byDefault: true,
    option: "tolerances.blocksNotNegotiated",
    notice: "blocks-not-negotiated",
    clause: "IEC 62056-5-3, conformance block",
  },
  "one-invoke-id": {
    what: "the meter knows one invoke id alone",
    byDefault: false,
    option: "invokeIds",
    clause: "IEC 62056-5-3, Invoke-Id-And-Priority",
  },
  "deviation-inverted": {
    what: "the deviation of date-times has the other sign",
    byDefault: false,
    option: "invertDeviation",
    meters: ["Kaifa MA309 (amsreader issue 809)"],
    clause: "IEC 62056-6-2, date-time",
  },
  "null-means-missing": {
    what: "null-data in a profile means that there is no value",
    byDefault: false,
    option: "nullData",
    clause: "IEC 62056-6-2, profile generic",
  },
  "range-form-refused": {
    what: "a form of range is refused: with the deviation, without it, not on the hour",
    byDefault: true,
    option: "forms",
    notice: "profile-form-refused",
    clause: "IEC 62056-6-2, profile generic, range descriptor",
  },
  "date-time-tagged": {
    what: "the date-time of a data-notification carries the tag of an octet-string",
    byDefault: true,
    notice: "date-time-tagged",
    meters: ["Kamstrup or Kaifa, by firmware (AmsToMqttBridge issue 29)"],
    clause: "IEC 62056-5-3, DataNotification",
  },
  "gateway-prefix-missing": {
    what: "the answer through a gateway bears no prefix",
    byDefault: true,
    notice: "gateway-prefix-missing",
    clause: "Green Book, gateway protocol",
  },
} as const satisfies Record<string, Tolerance>;
