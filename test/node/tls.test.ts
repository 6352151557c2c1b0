import { describe, expect, it } from "vitest";
import { type TlsListenerOptions, type TlsTrust, tls, tlsListener } from "../../src/node/index.js";
import type { Transport } from "../../src/transport/index.js";
import { Collector } from "../transport/collector.js";
import { transportContract } from "../transport/transport-contract.js";
import { makeCertificate } from "./certificates.js";
import { join } from "./join.js";

const authority = makeCertificate("Meter CA");
const otherAuthority = makeCertificate("Other CA");
const meter = makeCertificate("4D4D4D0000000001", "Meter CA", [{ type: 7, ip: "127.0.0.1" }]);
const elsewhere = makeCertificate("4D4D4D0000000002", "Meter CA", [{ type: 2, value: "meter.example" }]);
const client = makeCertificate("head end", "Meter CA");

const listening: TlsListenerOptions = {
  port: 0,
  certificate: meter.certificate,
  key: meter.key,
  ca: authority.certificate,
};
const trusting: TlsTrust = {
  ca: authority.certificate,
  certificate: client.certificate,
  key: client.key,
};

transportContract("TLS", () =>
  join(tlsListener(listening), (listener) => tls({ host: "127.0.0.1", port: listener.port, ...trusting })),
);

/** What opening gives against a listener of these options: the transport, or the error. */
async function attempt(listen: Partial<TlsListenerOptions>, call: Partial<Parameters<typeof tls>[0]>) {
  const listener = tlsListener({ ...listening, ...listen });
  await listener.listen((transport) => void transport.open(new Collector()).catch(() => {}));
  const transport = tls({ host: "127.0.0.1", port: listener.port, ...call }).createTransport();
  const heard = new Collector();
  try {
    await transport.open(heard);
    return { transport, heard, certificate: transport.peer?.certificate, error: undefined };
  } catch (error) {
    return { transport, heard, certificate: undefined, error };
  } finally {
    await transport.close();
    await listener.close();
  }
}

describe("TLS trust", () => {
  it("tells the meter's certificate: common name, fingerprint, DER", async () => {
    const { certificate } = await attempt({}, trusting);
    expect(certificate?.commonName).toBe("4D4D4D0000000001");
    expect(certificate?.fingerprint).toBe(meter.fingerprint.replaceAll(":", ""));
    expect(certificate?.der.length).toBeGreaterThan(500);
  });

  it("refuses a chain that leads nowhere, and one to another authority", async () => {
    for (const call of [{}, { ...trusting, ca: otherAuthority.certificate }])
      expect((await attempt({}, call)).error).toMatchObject({ code: "certificate-untrusted" });
  });

  it("refuses a certificate made out to another host, unless the meter is told otherwise", async () => {
    const listen = { certificate: elsewhere.certificate, key: elsewhere.key };
    expect((await attempt(listen, trusting)).error).toMatchObject({ code: "peer-not-trusted" });
    const identify = (certificate: { commonName?: string }) =>
      certificate.commonName === "4D4D4D0000000002" ? undefined : "another meter answered";
    expect((await attempt(listen, { ...trusting, identify })).error).toBeUndefined();
    const wrong = (await attempt({}, { ...trusting, identify })).error;
    expect(wrong).toMatchObject({ code: "peer-not-trusted", message: expect.stringContaining("another meter") });
  });

  it("takes a pinned fingerprint in place of an authority, and no other certificate then", async () => {
    const { ca: _, ...own } = trusting;
    expect((await attempt({}, { ...own, fingerprints: [meter.fingerprint] })).error).toBeUndefined();
    const wrong = await attempt({}, { ...own, fingerprints: [elsewhere.fingerprint] });
    expect(wrong.error).toMatchObject({ code: "peer-not-trusted" });
  });

  it("asks for both where an authority and a fingerprint are given", async () => {
    const call = { ...trusting, ca: otherAuthority.certificate, fingerprints: [meter.fingerprint] };
    expect((await attempt({}, call)).error).toMatchObject({ code: "certificate-untrusted" });
  });

  it("does not serve a client without a certificate", async () => {
    const accepted: Transport[] = [];
    const listener = tlsListener(listening);
    await listener.listen((transport) => accepted.push(transport));
    const call = { host: "127.0.0.1", port: listener.port, ca: authority.certificate };
    const transport = tls(call).createTransport();
    const heard = new Collector();
    // with TLS 1.3 the refusal comes after the client's own handshake is done
    await transport.open(heard).then(
      () => heard.until(() => heard.closings.length > 0),
      () => {},
    );
    expect(accepted).toEqual([]);
    await transport.close();
    await listener.close();
  });

  it("is not to be made without any way to know the peer", () => {
    expect(() => tlsListener({ port: 0, certificate: meter.certificate, key: meter.key })).toThrow(
      /ca or fingerprints/,
    );
    expect(() => tls({ host: "meter", port: 4060, fingerprints: ["00:11"] })).toThrow(/64 hexadecimal/);
  });
});
