import type { PeerCertificate } from 'node:tls';

/** What a server showed before a handshake failed, by the failure: the error itself does not say. */
const shown = new WeakMap<object, PeerCertificate>();

export const notePeer = (error: object, certificate: PeerCertificate | undefined): void => {
  if (certificate !== undefined) shown.set(error, certificate);
};

export const peerOf = (error: unknown): PeerCertificate | undefined =>
  typeof error === 'object' && error !== null ? shown.get(error) : undefined;
