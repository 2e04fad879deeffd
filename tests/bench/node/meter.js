// What each npm contestant measures: when how much had come, and what it cost. As the Python ones.
const LAPS = 10;

/** The argument: {"url", "size", "warm", …}. */
export const course = JSON.parse(process.argv[2]);

const begin = Math.floor(course.size * (course.warm ?? 0.1));
const marks = Array.from(
  { length: LAPS + 1 },
  (_, lap) => begin + Math.floor(((course.size - begin) * lap) / LAPS),
);
const laps = [];
let seen = 0;

/** Count messages up to the one at this place, which is told as its remainder of what is sent. */
export const add = (index, count = 1) => {
  seen += count;
  while (laps.length < marks.length && seen >= marks[laps.length]) {
    const { user, system } = process.cpuUsage();
    laps.push([seen, performance.now() / 1000, (user + system) / 1e6]);
    if (laps.length === marks.length) finish(index);
  }
};

function finish(last) {
  const [[from, wall, cpu], [to, wallThen, cpuThen]] = [laps[0], laps.at(-1)];
  const result = {
    received: seen,
    last,
    count: to - from,
    wall: wallThen - wall,
    cpu: cpuThen - cpu,
    laps,
    memory: process.memoryUsage().rss,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}
