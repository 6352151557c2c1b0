/** Tags of the general forms (IEC 62056-5-3, COSEMpdu). */
export const generalTags = { gloCiphering: 0xdb, dedCiphering: 0xdc, ciphering: 0xdd, signing: 0xdf } as const;

/** Tags of what may come unciphered in a ciphered association, and is then only a hint. */
const hintTags = new Set([0x0e, 0xd8]);
const initiateTags = new Set([0x01, 0x08]);

/** Tag of each service that has ciphered forms of its own, with the tags of those (IEC 62056-5-3, COSEMpdu). */
const serviceForms: readonly (readonly [plain: number, global: number, dedicated: number])[] = [
  [0x01, 0x21, 0x41], // initiate-request
  [0x05, 0x25, 0x45], // read-request
  [0x06, 0x26, 0x46], // write-request
  [0x08, 0x28, 0x48], // initiate-response
  [0x0c, 0x2c, 0x4c], // read-response
  [0x0d, 0x2d, 0x4d], // write-response
  [0x0e, 0x2e, 0x4e], // confirmed-service-error
  [0x16, 0x36, 0x56], // unconfirmed-write-request
  [0x18, 0x38, 0x58], // information-report-request
  [0xc0, 0xc8, 0xd0], // get-request
  [0xc1, 0xc9, 0xd1], // set-request
  [0xc2, 0xca, 0xd2], // event-notification-request
  [0xc3, 0xcb, 0xd3], // action-request
  [0xc4, 0xcc, 0xd4], // get-response
  [0xc5, 0xcd, 0xd5], // set-response
  [0xc7, 0xcf, 0xd7], // action-response
];

/** Tags of unciphered xDLMS APDUs that have no ciphered form of their own. */
const otherPlainTags = [0x0f, 0x10, 0xd8, 0xd9, 0xda, 0xe0, 0xe6, 0xe7];

interface ServiceForm {
  readonly plainTag: number;
  readonly dedicated: boolean;
}

const byPlain = new Map(serviceForms.map(([plain, global, dedicated]) => [plain, { global, dedicated }]));
/** By tag: every received message looks here. */
const byCiphered: (ServiceForm | undefined)[] = new Array(256).fill(undefined);
for (const [plainTag, global, dedicated] of serviceForms) {
  byCiphered[global] = { plainTag, dedicated: false };
  byCiphered[dedicated] = { plainTag, dedicated: true };
}
const generalContent = new Set<number>([...serviceForms.flat(), ...otherPlainTags, ...Object.values(generalTags)]);

/** Tag of the service-specific ciphered form, undefined when the service has none. */
export function cipheredTag(plainTag: number, dedicated: boolean): number | undefined {
  const forms = byPlain.get(plainTag);
  return dedicated ? forms?.dedicated : forms?.global;
}

/** What a service-specific ciphered tag stands for, undefined when `tag` is none. */
export function serviceForm(tag: number): ServiceForm | undefined {
  return byCiphered[tag];
}

/** True for tags that a decrypted xDLMS APDU may begin with. */
export function isApduTag(tag: number): boolean {
  return generalContent.has(tag);
}

/** True for exception-response and confirmed-service-error. */
export function isHintTag(tag: number): boolean {
  return hintTags.has(tag);
}

/** True for data-notification, event-notification and information-report: nobody asks for them. */
export function isNotificationTag(tag: number): boolean {
  return notificationTags.has(tag);
}

const notificationTags: ReadonlySet<number> = new Set([0x0f, 0xc2, 0x18]);

/** True for the initiate services, which the global key protects even where there is a dedicated one. */
export function isInitiateTag(tag: number): boolean {
  return initiateTags.has(tag);
}
