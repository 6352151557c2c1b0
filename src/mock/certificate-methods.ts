import { DlmsError } from "../base/index.js";
import type { CertificateName, CertificateUse } from "../certificates/index.js";
import type { MethodParameter, SecuritySetup } from "../cosem/index.js";
import { accessResult, Refusal } from "./results.js";
import type { SecuritySetupPart, SecuritySetupState } from "./security-setup.js";

/** Attribute and methods of Security setup that are about certificates. A refused call changes nothing. */
export function certificatePart(setup: SecuritySetupState): SecuritySetupPart {
  const { certificates: held } = setup.options;
  if (held === undefined) return {};
  return {
    values: {
      certificates: () =>
        held.list().map(({ entity, use, certificate }) => ({
          certificateEntity: entity,
          certificateType: use,
          serialNumber: certificate.serialNumber,
          issuer: certificate.issuer.der,
          subject: certificate.subject.der,
          subjectAltName: certificate.extensions.alternativeNamesDer,
        })),
    },
    methods: {
      generateKeyPair: (use) => orRefuse(() => held.generateKeyPair(useOf(use))),
      generateCertificateRequest: (use) => orRefuse(() => held.signingRequest(useOf(use)).der),
      importCertificate: (der) => orRefuse(() => void held.import(der)),
      exportCertificate: (identification) => orRefuse(() => held.export(nameOf(identification)).der),
      removeCertificate: (identification) => orRefuse(() => held.remove(nameOf(identification))),
    },
  };
}

type Identification = MethodParameter<typeof SecuritySetup, "exportCertificate">;

/** certificate_identification_type: 0 by entity, 1 by serial number. */
function nameOf({ certificateIdentificationOptions: options }: Identification): CertificateName {
  if ("serialNumber" in options) return options;
  const { certificateEntity: entity, certificateType: use, systemTitle } = options;
  if (typeof entity === "number" || typeof use === "number") throw new Refusal(accessResult.otherReason);
  return { entity, use, systemTitle };
}

function useOf(use: string | number): CertificateUse {
  if (use === "digital-signature" || use === "key-agreement" || use === "tls") return use;
  throw new Refusal(accessResult.otherReason);
}

/** What is not there is unavailable; what is not good is refused without a word about why. */
function orRefuse<T>(task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    throw new Refusal(error.code === "certificate-unknown" ? accessResult.objectUnavailable : accessResult.otherReason);
  }
}
