import type { Endpoint, Transport, TransportHandlers } from "../../src/transport/index.js";
import { decodePacket, encodePacket } from "../../src/wrapper/header.js";

/** What somebody on the way makes of an APDU of the meter: nothing, one, or several. */
export type Tampering = (apdu: Uint8Array) => readonly Uint8Array[] | undefined;

/** A wrapper endpoint with somebody on the way who sees every APDU of the meter before the client does. */
export function tampered(endpoint: Endpoint, tamper: Tampering): Endpoint {
  return { ...endpoint, createTransport: () => between(endpoint.createTransport(), tamper) };
}

function between(inner: Transport, tamper: Tampering): Transport {
  let rest = new Uint8Array();
  const pass = (handlers: TransportHandlers, octets: Uint8Array) => {
    rest = Uint8Array.from([...rest, ...octets]);
    while (rest.length >= 8) {
      const length = 8 + new DataView(rest.buffer).getUint16(6);
      if (rest.length < length) return;
      const whole = rest.slice(0, length);
      rest = rest.slice(length);
      const packet = decodePacket(whole);
      if (packet === undefined) throw new Error("no packet");
      const apdus = tamper(packet.apdu) ?? [packet.apdu];
      for (const apdu of apdus) handlers.data(encodePacket({ ...packet, apdu }));
    }
  };
  return {
    name: inner.name,
    datagrams: inner.datagrams,
    clock: inner.clock,
    open: (handlers, signal) => inner.open({ ...handlers, data: (octets) => pass(handlers, octets) }, signal),
    write: (octets) => inner.write(octets),
    close: () => inner.close(),
  };
}
