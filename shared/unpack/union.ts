import { LandfallError } from '../errors.ts';
import type { UnpackBudget } from './budget.ts';
import { quoteName } from './entry-path.ts';
import type { Whiteout } from './whiteout.ts';

/** A link is a symbolic one: a hard link is a file. */
export type PathKind = 'file' | 'link' | 'directory';

/** `new`: the path is this entry's. `again`: the same layer already gave it. `hidden`: an upper layer decided it. */
export type Admission = 'new' | 'again' | 'hidden';

/** Who has a path. A folder no layer named, but which is above something one did, is not `explicit`. */
interface Claim {
  readonly kind: PathKind;
  readonly explicit: boolean;
  readonly layer: number;
}

/**
 * The union of an artifact's layers, read TOP LAYER FIRST so that every path is written at most once: what upper layers
 * claimed, removed or made opaque, lower layers do not get. It gives the tree that applying the layers bottom first
 * would, and refuses what would have gone through a link on the way.
 */
export class Union {
  readonly #budget: UnpackBudget;
  readonly #claims = new Map<string, Claim>();
  readonly #removed = new Set<string>();
  readonly #opaque = new Set<string>();
  /** Whiteouts of the layer being read: they take from lower layers only. */
  #whiteouts: Whiteout[] = [];
  /** Files and links of this layer that are hidden: still nothing may be below them. */
  #shadows = new Map<string, PathKind>();
  /** The last folder found open in this layer; archives name a folder's files in a row. */
  #open: string | undefined;
  #layer = 0;

  constructor(budget: UnpackBudget) {
    this.#budget = budget;
  }

  /** Begins the next layer down. */
  descend(): void {
    for (const { kind, path } of this.#whiteouts)
      (kind === 'opaque' ? this.#opaque : this.#removed).add(path);
    // A file that is hidden itself had still replaced what lower layers have below its path.
    for (const path of this.#shadows.keys()) this.#removed.add(path);
    this.#whiteouts = [];
    this.#shadows = new Map();
    this.#open = undefined;
    this.#layer += 1;
  }

  /** @throws LandfallError ENTRY_REFUSED, LINK_REFUSED where the entry would go through a file or a link */
  admit(path: string, kind: PathKind): Admission {
    if (this.#isBelowHidden(path)) return this.#hide(path, kind);
    const claim = this.#claims.get(path);
    if (claim === undefined) return this.#claim(path, kind);
    if (claim.layer === this.#layer) return this.#admitAgain(path, kind, claim);
    return this.#admitUnder(path, kind, claim);
  }

  /** Notes what the layer being read takes from those below. @throws as {@link admit} */
  whiteOut(whiteout: Whiteout): void {
    if (this.#isBelowHidden(whiteout.kind === 'opaque' ? `${whiteout.path}/` : whiteout.path)) return;
    if (whiteout.path !== '')
      this.#claimFolders(whiteout.kind === 'opaque' ? `${whiteout.path}/` : whiteout.path);
    this.#whiteouts.push(whiteout);
  }

  /** Folders that a layer named, empty ones included; those only implied by what is below them are not. */
  *folders(): Generator<string> {
    for (const [path, { kind, explicit }] of this.#claims) if (kind === 'directory' && explicit) yield path;
  }

  #claim(path: string, kind: PathKind): Admission {
    this.#claims.set(path, { kind, explicit: true, layer: this.#layer });
    this.#claimFolders(path);
    return 'new';
  }

  #admitAgain(path: string, kind: PathKind, claim: Claim): Admission {
    if (claim.kind === kind) {
      if (!claim.explicit) this.#claims.set(path, { ...claim, explicit: true });
      return 'again';
    }
    throw clash(path, kind, claim.kind);
  }

  /** An upper layer has the path. */
  #admitUnder(path: string, kind: PathKind, claim: Claim): Admission {
    if (claim.kind !== 'directory') return this.#hide(path, kind);
    if (kind === 'directory') {
      if (!claim.explicit) this.#claims.set(path, { ...claim, explicit: true });
      return 'again';
    }
    // The upper layer put files below this path without replacing it by a folder: they would go through it.
    if (!claim.explicit) throw clash(path, kind, 'directory');
    return this.#hide(path, kind);
  }

  #hide(path: string, kind: PathKind): Admission {
    if (kind !== 'directory') {
      this.#shadows.set(path, kind);
      this.#open = undefined;
    }
    return 'hidden';
  }

  /** Whether an upper layer removed the path or something above it. @throws where this layer has a non-folder above */
  #isBelowHidden(path: string): boolean {
    if (this.#removed.has(path)) return true;
    const folder = folderOf(path);
    if (folder === this.#open) return false;
    let hidden = this.#opaque.has('');
    for (let end = folder.length; end > 0; end = folder.lastIndexOf('/', end - 1)) {
      const above = folder.slice(0, end);
      const claim = this.#claims.get(above);
      const kind = claim?.layer === this.#layer ? claim.kind : this.#shadows.get(above);
      if (kind !== undefined && kind !== 'directory') throw through(path, above, kind);
      if (claim !== undefined && claim.kind !== 'directory') hidden = true;
      if (this.#removed.has(above) || this.#opaque.has(above)) hidden = true;
    }
    if (!hidden) this.#open = folder;
    return hidden;
  }

  #claimFolders(path: string): void {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (this.#claims.has(folder)) return;
      this.#budget.takeEntry();
      this.#claims.set(folder, { kind: 'directory', explicit: false, layer: this.#layer });
    }
  }
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

const clash = (path: string, kind: PathKind, other: PathKind): LandfallError =>
  new LandfallError(
    kind === 'link' || other === 'link' ? 'LINK_REFUSED' : 'ENTRY_REFUSED',
    `path ${quoteName(path)} is both a ${other} and a ${kind}`,
    { hint: 'Push an archive in which every path is one thing.' },
  );

const through = (path: string, above: string, kind: PathKind): LandfallError =>
  new LandfallError(
    kind === 'link' ? 'LINK_REFUSED' : 'ENTRY_REFUSED',
    `entry ${quoteName(path)} goes through ${quoteName(above)}, which is a ${kind}`,
    { hint: 'Push an archive whose entries are below folders only.' },
  );
