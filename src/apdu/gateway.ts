import { type Infer, octetString, remainder, struct, unsigned8 } from "../codec/index.js";

const fields = {
  networkId: unsigned8,
  physicalDeviceAddress: octetString,
  /** All that follows the prefix. */
  apdu: remainder,
};

export const gatewayRequest = struct({ type: "gateway-request" }, fields);
export const gatewayResponse = struct({ type: "gateway-response" }, fields);

/** Prefix that names a device behind a gateway (Green Book, gateway protocol; tags E6 and E7). */
export type GatewayMessage = Infer<typeof gatewayRequest> | Infer<typeof gatewayResponse>;
