/**
 * How many of a policy's signers have signed, each by a signature of somebody else: a certificate that two of them would
 * take counts for one. `takenBy[n]` are the signers that the nth of different people would count as.
 */
export function signerCount(takenBy: readonly (readonly number[])[]): number {
  const person = new Map<number, number>();
  const place = (who: number, tried: Set<number>): boolean =>
    (takenBy[who] ?? []).some((signer) => {
      if (tried.has(signer)) return false;
      tried.add(signer);
      const other = person.get(signer);
      if (other !== undefined && !place(other, tried)) return false;
      person.set(signer, who);
      return true;
    });
  return takenBy.filter((_, who) => place(who, new Set())).length;
}
