import { apduTags, decodeApdu, encodeApdu } from "../apdu/index.js";
import { DlmsError, equalBytes, fromHex, type Notice, toHex } from "../base/index.js";

/** A meter behind a gateway (Green Book, gateway protocol): the network on its far side, and the device there. */
export interface GatewayAddress {
  /** Number of the network behind the gateway, 0 to 255. Default 0. */
  readonly networkId?: number;
  /** Address of the meter in that network, in whatever form the network has: octets, or their hexadecimal text. */
  readonly physicalDeviceAddress: Uint8Array | string;
}

/** The prefix that names a device behind a gateway: put before what is sent, taken off what comes. */
export class GatewayPrefix {
  readonly networkId: number;
  readonly physicalDeviceAddress: Uint8Array;

  constructor({ networkId = 0, physicalDeviceAddress }: GatewayAddress) {
    this.networkId = networkId;
    this.physicalDeviceAddress =
      typeof physicalDeviceAddress === "string" ? fromHex(physicalDeviceAddress) : physicalDeviceAddress.slice();
  }

  /** The APDU as the gateway takes it. */
  wrap(apdu: Uint8Array): Uint8Array {
    const { networkId, physicalDeviceAddress } = this;
    return encodeApdu({ type: "gateway-request", networkId, physicalDeviceAddress, apdu });
  }

  /** The APDU of our meter; undefined for what another device sent. Some gateways leave the prefix of answers out. */
  unwrap(bytes: Uint8Array): { readonly apdu?: Uint8Array; readonly notice?: Notice } {
    if (bytes[0] !== apduTags["gateway-response"])
      return { apdu: bytes, notice: notice("gateway-prefix-missing", "what came through the gateway has no prefix") };
    try {
      const message = decodeApdu(bytes);
      if (message.type === "gateway-response" && this.#isOurs(message.networkId, message.physicalDeviceAddress))
        return { apdu: message.apdu };
      return { notice: notice("foreign-gateway-device", "another device behind the gateway answered") };
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      return { notice: notice("apdu-discarded", error.message) };
    }
  }

  #isOurs(networkId: number, address: Uint8Array): boolean {
    return networkId === this.networkId && equalBytes(address, this.physicalDeviceAddress);
  }

  toString(): string {
    return `device ${toHex(this.physicalDeviceAddress)} in network ${this.networkId}`;
  }
}

const notice = (name: string, message: string): Notice => ({ type: "notice", name, message });
