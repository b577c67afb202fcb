/**
 * Why a wait of our own ends that nobody needs any more. Without a reason each `abort()` makes an exception with a stack, which
 * a look at an unchanged source did twice.
 */
export const ENDED = new Error('it has ended');
