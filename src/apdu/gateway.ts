/** Prefix that names a device behind a gateway; `apdu` is all that follows it. */
export interface GatewayMessage {
  readonly type: "gateway-request" | "gateway-response";
  readonly networkId: number;
  readonly physicalDeviceAddress: Uint8Array;
  readonly apdu: Uint8Array;
}
