import { writeEndlessly } from '../../support/artifacts/endless.ts';
import type { Send } from './hostile-server.ts';

const PIECE = 'a'.repeat(65_536);

/** A right head, then a body that never ends, as fast as it is taken. */
export function endless({ raw, socket }: Send, fields = '', start = '', status = 200): void {
  raw(`HTTP/1.1 ${status} x\r\n${fields}\r\n${start}`);
  writeEndlessly(socket, PIECE);
}

/** The same bytes again and again, as fast as they are taken: a head that never ends. */
export function endlessHead({ raw, socket }: Send, start: string, piece: string): void {
  raw(start);
  writeEndlessly(socket, piece);
}

/** A head with `fields`, then a byte now and then, so that no timer for silence ever fires. */
export function drip({ raw, socket }: Send, fields = '', piece = ' '): void {
  raw(`HTTP/1.1 200 x\r\n${fields}\r\n`);
  dripOn(socket, piece);
}

/** A head that comes byte by byte and does not end. */
export function dripHead({ raw, socket }: Send): void {
  raw('HTTP/1.1 200 x\r\nx-slow: ');
  dripOn(socket, 'a');
}

function dripOn(socket: Send['socket'], piece: string): void {
  const timer = setInterval(() => {
    if (socket.writable) socket.write(piece);
    else clearInterval(timer);
  }, 10);
  socket.on('close', () => clearInterval(timer));
}
