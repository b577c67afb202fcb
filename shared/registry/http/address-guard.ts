import type { LookupFunction } from 'node:net';
import { LandfallError } from '../../errors.ts';
import { NEXT_STEPS } from '../../next-steps.ts';
import type { Lookup } from '../names/name-lookups.ts';
import { addressKind, isAddressAllowed, literalAddress } from './address.ts';

/** The refusal of an address, naming both the host that was asked for and where it led. */
function addressDenied(hostname: string, address: string): LandfallError {
  const kind = addressKind(address);
  const through = hostname === address ? '' : ` resolves to ${address}, which`;
  return new LandfallError('ADDRESS_DENIED', `host ${hostname}${through} is a ${kind} address`, {
    hint:
      kind === 'metadata' || kind === 'multicast' || kind === 'reserved'
        ? 'No setting opens these addresses; check what the registry redirects to.'
        : NEXT_STEPS.ADDRESS_DENIED,
    detail: { host: hostname, address },
  });
}

/**
 * Refuses a URL whose host is itself a forbidden address: connecting to one skips the lookup below, and so does a
 * proxy. WHATWG URL has already turned decimal, octal and hexadecimal forms into dotted ones.
 * @throws LandfallError ADDRESS_DENIED
 */
export function checkLiteralHost(hostname: string, local: boolean): void {
  const address = literalAddress(hostname);
  if (address !== undefined && !isAddressAllowed(address, local)) throw addressDenied(hostname, address);
  // RFC 6761: these names are the loopback address, whoever resolves them.
  if (!local && /(?:^|\.)localhost\.?$/.test(hostname)) throw addressDenied(hostname, '127.0.0.1');
}

/**
 * A `lookup` for sockets that lets through only addresses that may be connected to. One forbidden address among
 * several refuses the name: a public registry has no reason to have one, and rebinding does.
 */
export function guardedLookup(local: boolean, lookup: Lookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const denied = addresses.find(({ address }) => !isAddressAllowed(address, local));
      if (denied) return callback(addressDenied(hostname, denied.address), '', 0);
      const [first] = addresses;
      if (options.all || first === undefined) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}
