/**
 * Where in the log we are, and how time goes on while playing.
 */

/** Records a second where each is told by itself. */
const PACES = [0.25, 0.5, 1, 2, 5, 20];
export const SPEEDS = [10, 25, 50, 100, 250, 1000];
/** Longest stretch without a record that is played, in milliseconds of the log. */
const PAUSE_MAX = 120;
/** With reduced motion, playing goes from event to event, one in so many milliseconds. */
const EVENT_MS = 1200;

export class Player {
  /** `changed` is called after each move. With `wanted` it stops at each record of which that is true. */
  constructor(log, changed, wanted) {
    this.log = log;
    this.changed = changed;
    this.wanted = wanted;
    this.speeds = wanted ? PACES : SPEEDS;
    this.index = 0;
    /** The place of the cursor; between records while playing. */
    this.at = 0;
    this.isPlaying = false;
    this.speed = wanted ? 0.5 : 50;
    this.last = 0;
    this.isCalm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  goTo(index) {
    this.index = Math.min(Math.max(Math.round(index) || 0, 0), this.log.records.length - 1);
    this.at = this.log.place(this.index);
    this.changed();
  }

  step(step) {
    this.isPlaying = false;
    this.goTo(this.index + step);
  }

  jump(step, wanted) {
    this.isPlaying = false;
    this.goTo(this.log.next(this.index, step, wanted));
  }

  toggle() {
    this.isPlaying = !this.isPlaying;
    if (this.isPlaying && this.index === this.log.records.length - 1) this.goTo(0);
    this.last = performance.now();
    if (this.isPlaying) requestAnimationFrame((now) => this.#tick(now));
    this.changed();
  }

  changeSpeed(step) {
    const at = this.speeds.indexOf(this.speed) + step;
    this.speed = this.speeds[Math.min(Math.max(at, 0), this.speeds.length - 1)];
    this.changed();
  }

  #tick(now) {
    if (!this.isPlaying) return;
    if (this.wanted || this.isCalm.matches) {
      if (now - this.last >= (this.wanted ? 1000 / this.speed : EVENT_MS)) {
        this.last = now;
        this.goTo(this.log.next(this.index, 1, this.wanted));
      }
    } else {
      const passed = Math.min(now - this.last, EVENT_MS);
      this.last = now;
      this.#advance((passed / 1000) * this.speed);
    }
    this.isPlaying &&= this.index < this.log.records.length - 1;
    if (this.isPlaying) requestAnimationFrame((time) => this.#tick(time));
    else this.changed();
  }

  /** Goes on by milliseconds of the log, or by records. */
  #advance(way) {
    const next = this.log.place(Math.min(this.index + 1, this.log.records.length - 1));
    this.at = Math.max(this.at + way, next - PAUSE_MAX);
    this.index = Math.max(this.index, this.log.lastAt(this.at));
    this.changed();
  }
}
