import { accessRefusal, type ServiceRequest } from "../../association/index.js";
import { type AbortSignalLike, dlmsError } from "../../base/index.js";
import { AssociationLn, AssociationSn, AssociationSnV0 } from "../../cosem/index.js";
import { encodeData } from "../../data/index.js";
import type { SecretKey } from "../../security/index.js";
import { type Meter, sessionOf } from "../meter.js";
import type { AuthenticationOptions, SecretLike } from "../options.js";
import type { Session } from "../session.js";
import { secretOf } from "../settings.js";
import { checkPending, journaled } from "./journal.js";

export interface SecretChangeOptions {
  /**
   * Send a secret of high level security although the session is not encrypted, so that the line shows it. Default
   * false. A password shows in every association anyway.
   */
  readonly inTheClear?: boolean;
  readonly signal?: AbortSignalLike;
}

const currentAssociation = Uint8Array.of(0, 0, 40, 0, 0, 255);

/**
 * Changes the password of low level security for the associations to come: the attribute `secret` of Association LN,
 * or change_secret of Association SN. This session goes on. Call it again with the same password when the answer was
 * lost; `connect` with a key store finds out by itself.
 * @throws SecurityError `key-change-unknown` when the answer was lost. RefusedError `access-refused`: nothing changed.
 * UsageError `wrong-state` in an association without a password.
 */
export async function changePassword(
  meter: Meter,
  password: SecretLike,
  options: SecretChangeOptions = {},
): Promise<void> {
  const session = sessionOf(meter);
  if (session.settings.authentication.mechanism !== "low") throw wrongMechanism(session, "password");
  await change(session, "password", secretOf("the new password", password), options);
}

/**
 * Changes the secret of `hls-md5`, `hls-sha1` or `hls-sha256` for the associations to come: change_HLS_secret of
 * Association LN, or change_secret of Association SN. This session goes on.
 * @throws as `changePassword`; UsageError `wrong-state` where the secret would cross the line in the clear.
 */
export async function changeHlsSecret(
  meter: Meter,
  secret: SecretLike,
  options: SecretChangeOptions = {},
): Promise<void> {
  const session = sessionOf(meter);
  const { authentication, security } = session.settings;
  if (!("secret" in authentication)) throw wrongMechanism(session, "secret of high level security");
  const encrypted = security?.protection === "encrypted" || security?.protection === "authenticated-encrypted";
  if (!encrypted && options.inTheClear !== true)
    throw dlmsError("wrong-state", "the session is not encrypted: the new secret would show on the line", {
      layer: "client",
      advice: "Connect with `security`, or set `inTheClear` on purpose.",
    });
  await change(session, "secret", secretOf("the new secret", secret), options);
}

async function change(
  session: Session,
  name: "password" | "secret",
  value: SecretKey,
  { signal }: SecretChangeOptions,
): Promise<void> {
  if (value.length === 0) throw dlmsError("invalid-argument", `the new ${name} is empty`, { layer: "client" });
  checkPending(session, { secrets: { [name]: value } });
  const data = value.use((octets) => encodeData({ type: "octet-string", value: octets }));
  const request = requestFor(session, name, data);
  await session.alone((ask) =>
    journaled(session, { secrets: { [name]: value } }, async () => {
      const response = await ask(request, { retry: false, signal });
      const [outcome] = response.results;
      const result = typeof outcome === "object" && "result" in outcome ? outcome.result : outcome;
      if (result !== 0) throw accessRefusal(typeof result === "number" ? result : 250, `the change of the ${name}`);
      session.secrets.nextAuthentication = proofWith(session, value);
      return { [name]: value };
    }),
  );
}

/** How the next association is authenticated. */
function proofWith(session: Session, value: SecretKey): AuthenticationOptions | undefined {
  const { authentication } = session.settings;
  if (authentication.mechanism === "low") return { mechanism: "low", password: value };
  return "secret" in authentication ? { mechanism: authentication.mechanism, secret: value } : undefined;
}

function requestFor(session: Session, name: "password" | "secret", value: Uint8Array): ServiceRequest {
  const { shortNames } = session;
  if (shortNames !== undefined) {
    const { changeLlsSecret, changeHlsSecret: changeHls } = AssociationSnV0.methods;
    const ofVersion0 = name === "password" ? changeLlsSecret : changeHls;
    const { id: methodId } = shortNames.version === 0 ? ofVersion0 : AssociationSn.methods.changeSecret;
    const method = { classId: AssociationSn.id, instanceId: currentAssociation, methodId };
    return { service: "action", items: [{ method, parameter: value }] };
  }
  const object = { classId: AssociationLn.id, instanceId: currentAssociation };
  if (name === "password") {
    const attribute = { ...object, attributeId: AssociationLn.attributes.secret.id };
    return { service: "set", items: [{ attribute, value }] };
  }
  const method = { ...object, methodId: AssociationLn.methods.changeHlsSecret.id };
  return { service: "action", items: [{ method, parameter: value }] };
}

function wrongMechanism(session: Session, what: string) {
  const { mechanism } = session.settings.authentication;
  return dlmsError("wrong-state", `the association is authenticated by ${mechanism}, which has no ${what}`, {
    layer: "client",
  });
}
