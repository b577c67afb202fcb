import type { PeerCertificate } from 'node:tls';
import { printable } from '../../printable.ts';
import { peerOf } from './peer-certificate.ts';

/** What is wrong with TLS, and what to do. */
export interface TlsFault {
  readonly says: string;
  readonly hint: string;
}

const CA_HINT =
  'Give the CA that signed it with --ca-file (caFile); --insecure-skip-tls-verify only to try things.';
const PAIR = 'certFile and keyFile (--registry-cert-file, --registry-key-file)';
const VERSION: TlsFault = {
  says: 'it speaks no version of TLS that is taken, which are 1.2 and 1.3',
  hint: 'Have TLS 1.2 or newer switched on there, or ask what stands before it.',
};
const PLAIN: TlsFault = {
  says: 'it does not speak TLS',
  hint: 'If the registry is your own and serves plain HTTP, use --plain-http (plainHttp).',
};
const UNKNOWN_ISSUER: TlsFault = { says: 'the issuer of its certificate is not known', hint: CA_HINT };
const MISMATCH: TlsFault = {
  says: `${PAIR} do not belong together`,
  hint: 'Give the key that the client certificate was made for.',
};
const WEAK: TlsFault = {
  says: 'a certificate has a key or a signature that is too weak',
  hint: 'Have it made anew: RSA of 2,048 bits or an elliptic curve, signed with SHA-256.',
};

/** Codes are OpenSSL's, as Node passes them on. */
const FAULTS: Readonly<Record<string, TlsFault>> = {
  CERT_REVOKED: { says: 'its certificate is revoked', hint: 'The registry needs a new certificate.' },
  CERT_UNTRUSTED: { says: 'its certificate is not trusted', hint: CA_HINT },
  CERT_SIGNATURE_FAILURE: {
    says: 'the signature of its certificate is wrong',
    hint: 'See whether the CA given with --ca-file (caFile) is the one that signed it.',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: { says: 'its certificate is self-signed', hint: CA_HINT },
  SELF_SIGNED_CERT_IN_CHAIN: {
    says: 'its certificate chain ends in a self-signed certificate that is not trusted',
    hint: CA_HINT,
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  UND_ERR_PRX_TLS: {
    says: 'the proxy’s certificate is not trusted',
    hint: 'NODE_EXTRA_CA_CERTS names a CA for it; see that HTTPS_PROXY names the proxy as its certificate does.',
  },
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: MISMATCH,
  ERR_OSSL_X509_KEY_TYPE_MISMATCH: MISMATCH,
  ERR_SSL_UNSUPPORTED_PROTOCOL: VERSION,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: VERSION,
  ERR_SSL_VERSION_TOO_LOW: VERSION,
  ERR_SSL_WRONG_SSL_VERSION: VERSION,
  ERR_SSL_WRONG_VERSION_NUMBER: PLAIN,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: PLAIN,
  ERR_SSL_HTTP_REQUEST: PLAIN,
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: {
    says: 'it serves no host of this name',
    hint: 'Check the host; a registry behind a proxy answers to its public name alone.',
  },
  ERR_SSL_EE_KEY_TOO_SMALL: WEAK,
  ERR_SSL_CA_MD_TOO_WEAK: WEAK,
  EE_KEY_TOO_SMALL: WEAK,
  CA_MD_TOO_WEAK: WEAK,
};

const dayOf = (date: number): string => new Date(date).toISOString().slice(0, 10);

/** Whose dates are wrong: the server's own, or those of one that signed it, or the clock's. */
function datesFault(isOver: boolean, peer: PeerCertificate | undefined, now: number): TlsFault {
  const [from, to] = [Date.parse(peer?.valid_from ?? ''), Date.parse(peer?.valid_to ?? '')];
  const own = isOver ? to < now : from > now;
  const range = own ? `: it is valid from ${dayOf(from)} to ${dayOf(to)}` : '';
  const whose = own || peer === undefined ? 'its certificate' : 'a certificate that signed its own';
  return {
    says: `${whose} ${isOver ? 'has expired' : 'is not valid yet'}${range}`,
    hint: `This machine’s clock says ${dayOf(now)}: set it, if that is wrong; else the certificate has to be renewed.`,
  };
}

const MAX_NAMES = 8;

/** `a.example, *.b.example`, without the kinds that OpenSSL writes before them. */
function namesIn({ subjectaltname, subject }: PeerCertificate): string {
  const common = [subject?.CN ?? []].flat();
  const names = subjectaltname?.split(', ').map((name) => name.replace(/^[A-Za-z ]+:/, '')) ?? common;
  const cut = names.length > MAX_NAMES ? [...names.slice(0, MAX_NAMES), '…'] : names;
  return printable(cut.join(', ')).slice(0, 300);
}

/** Node gives the error of a wrong name the certificate and the host that was asked for. */
interface NameError {
  readonly cert?: PeerCertificate;
  readonly host?: string;
}

function nameFault(error: NameError): TlsFault {
  const peer = error.cert ?? peerOf(error);
  const names = peer === undefined ? '' : namesIn(peer);
  const host = error.host ?? 'the host asked for';
  return {
    says: `its certificate is for another host name${names === '' ? '' : `: for ${names}`}${error.host === undefined ? '' : `, not for ${host}`}`,
    hint: `Ask for it by a name that its certificate has, or have it given one for ${host}.`,
  };
}

/**
 * What a code stands for; undefined where it says nothing that is known.
 * @param error what was thrown with it
 */
export function tlsFaultOf(code: string, error: unknown, now = Date.now()): TlsFault | undefined {
  if (code === 'CERT_HAS_EXPIRED') return datesFault(true, peerOf(error), now);
  if (code === 'CERT_NOT_YET_VALID') return datesFault(false, peerOf(error), now);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return nameFault(error as NameError);
  const known = FAULTS[code];
  if (known !== undefined) return known;
  if (/^ERR_OSSL_|^ERR_MISSING_PASSPHRASE$/.test(code)) {
    return {
      says: `a certificate or key that was given for it cannot be read (${code})`,
      hint: `caFile (--ca-file), ${PAIR} are PEM files; the key is without a passphrase.`,
    };
  }
  return /^(?:CERT_|CRL_|UNABLE_TO_|INVALID_CA|PATH_LENGTH)/.test(code)
    ? { says: `TLS failed with ${code}`, hint: CA_HINT }
    : undefined;
}
