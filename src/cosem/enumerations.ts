/** Names of enumerated attribute values (IEC 62056-6-2). Values that are not listed stay numbers. */

/** sort_method of Profile generic. */
export const SortMethod = {
  fifo: 1,
  lifo: 2,
  largest: 3,
  smallest: 4,
  "nearest-to-zero": 5,
  "farthest-from-zero": 6,
} as const;

/** clock_base of Clock. */
export const ClockBase = {
  "not-defined": 0,
  "internal-crystal": 1,
  "mains-50-hz": 2,
  "mains-60-hz": 3,
  gps: 4,
  "radio-controlled": 5,
} as const;

/** association_status of Association LN. */
export const AssociationStatus = { "non-associated": 0, "association-pending": 1, associated: 2 } as const;

/** image_transfer_status of Image transfer. */
export const ImageTransferStatus = {
  "not-initiated": 0,
  initiated: 1,
  "verification-initiated": 2,
  "verification-successful": 3,
  "verification-failed": 4,
  "activation-initiated": 5,
  "activation-successful": 6,
  "activation-failed": 7,
} as const;

/** control_state of Disconnect control. */
export const ControlState = { disconnected: 0, connected: 1, "ready-for-reconnection": 2 } as const;

/** security_policy of Security setup, version 0; later versions use bits. */
export const SecurityPolicyV0 = { none: 0, authenticated: 1, encrypted: 2, "authenticated-encrypted": 3 } as const;

/** security_suite of Security setup. */
export const SecuritySuite = { "suite-0": 0, "suite-1": 1, "suite-2": 2 } as const;

/** key_id of key transfer and key agreement. */
export const KeyId = {
  "global-unicast-encryption": 0,
  "global-broadcast-encryption": 1,
  authentication: 2,
  master: 3,
} as const;

/** certificate_entity of Security setup. */
export const CertificateEntity = { server: 0, client: 1, "certification-authority": 2, other: 3 } as const;

/** certificate_type of Security setup, and the use of a key pair. */
export const CertificateType = { "digital-signature": 0, "key-agreement": 1, tls: 2, other: 3 } as const;

/** service_id of an action of a Script table. */
export const ScriptService = { write: 1, execute: 2 } as const;

/** mode of Auto connect; 200 to 255 belong to manufacturers. */
export const AutoConnectMode = {
  none: 0,
  anytime: 1,
  window: 2,
  "regular-window-alarm-anytime": 3,
  "sms-plmn": 4,
  "sms-pstn": 5,
  email: 6,
  permanent: 101,
  "connected-in-window": 102,
  "connected-in-window-or-invoked": 103,
  "when-invoked": 104,
} as const;

/** call_type of Auto answer. */
export const CallType = { normal: 0, "wake-up": 1 } as const;

/** transport_service of Push setup; 200 to 255 belong to manufacturers. */
export const PushTransport = {
  tcp: 0,
  udp: 1,
  ftp: 2,
  smtp: 3,
  sms: 4,
  hdlc: 5,
  "m-bus": 6,
  zigbee: 7,
  "dlms-gateway": 8,
} as const;

/** message of Push setup; 128 to 255 belong to manufacturers. */
export const PushMessage = { "a-xdr": 0, xml: 1 } as const;

/** push_operation_method of Push setup. */
export const PushOperation = {
  "retry-on-supporting-layer-failure": 0,
  "retry-on-missing-supporting-layer-confirmation": 1,
  confirmed: 2,
} as const;

/** restriction_type of captured and pushed attributes. */
export const RestrictionType = { none: 0, "by-date": 1, "by-entry": 2 } as const;

/** protection_type of protected data. */
export const ProtectionType = {
  authentication: 0,
  encryption: 1,
  "authentication-encryption": 2,
  "digital-signature": 3,
} as const;

/** key_info_type of protection options. */
export const KeyInfoType = { identified: 0, wrapped: 1, agreed: 2 } as const;

/** status of GSM diagnostic. */
export const GsmStatus = {
  "not-registered": 0,
  "registered-home": 1,
  searching: 2,
  "registration-denied": 3,
  unknown: 4,
  "registered-roaming": 5,
} as const;

/** cs_attachment of GSM diagnostic. */
export const GsmAttachment = { inactive: 0, "incoming-call": 1, active: 2 } as const;

/** ps_status of GSM diagnostic. */
export const GsmPacketStatus = { inactive: 0, gprs: 1, edge: 2, umts: 3, hsdpa: 4, lte: 5, cdma: 6 } as const;

/** authentication_method of NTP setup. */
export const NtpAuthentication = { none: 0, "shared-secrets": 1, "iff-auto-key": 2 } as const;

/** Codes of line speeds in bit/s. */
export const LineSpeed = {
  "300": 0,
  "600": 1,
  "1200": 2,
  "2400": 3,
  "4800": 4,
  "9600": 5,
  "19200": 6,
  "38400": 7,
  "57600": 8,
  "115200": 9,
} as const;
