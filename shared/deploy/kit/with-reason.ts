/** `what: reason`, or the one where nobody says why. */
export const withReason = (what: string, reason: string): string =>
  reason === '' ? what : `${what}: ${reason}`;
