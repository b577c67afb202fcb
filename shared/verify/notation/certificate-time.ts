import type { X509Certificate } from 'node:crypto';

/** Whether a certificate was good from one time to another. */
export const isGoodIn = ({ validFromDate, validToDate }: X509Certificate, from: Date, to: Date): boolean =>
  validFromDate <= from && to <= validToDate;
