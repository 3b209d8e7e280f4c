/** The files that the demo team sends: drawings, a table and a plan. */
export interface DemoFile {
  name: string;
  content: string;
}

const drawing = (name: string, shapes: string): DemoFile => ({
  name,
  content: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200" width="320" height="200">\n${shapes}\n</svg>\n`,
});

const sea = (sky: string, water: string) => `<rect width="320" height="200" fill="${sky}"/>\n<path d="M0 130 q40 -16 80 0 t80 0 t80 0 t80 0 V200 H0 Z" fill="${water}"/>`;
const buoy = (color: string) => `<path d="M150 60 h20 l14 74 h-48 Z" fill="${color}"/>\n<circle cx="160" cy="52" r="9" fill="#ffd24a"/>`;
const gauge = (above: string, below: string) =>
  `<rect width="320" height="200" rx="12" fill="#f4f7fa"/>\n<text x="20" y="70" font-size="28">${above}</text>\n<path d="M20 120 q35 -40 70 0 t70 0 t70 0 t70 0" fill="none" stroke="#1e7fc2" stroke-width="4"/>\n` +
  `<text x="20" y="180" font-size="28">${below}</text>`;

export const FILES = {
  cake: drawing('launch-day.svg', `${sea('#dff1ff', '#3d8fb8')}\n${buoy('#df532d')}\n<text x="92" y="34" font-size="22">Happy launch day!</text>`),
  website: drawing('website-4.2.svg', `${sea('#f7e9d0', '#2d6d8f')}\n${buoy('#f0b429')}`),
  gaugeSketch: drawing('gauge-page-1.svg', gauge('Tide 1.84 m', 'Wind 7 m/s')),
  gaugeAgain: drawing('gauge-page-2.svg', gauge('Wind 7 m/s', 'Tide 1.84 m')),
  pelicans: drawing('pelicans.svg', `${sea('#ffe3c9', '#406f8f')}\n${buoy('#c0392b')}\n<path d="M120 40 q10 -14 20 0 q10 -14 20 0" fill="none" stroke="#333" stroke-width="3"/>`),
  bridge: drawing('yokohama-bridge.svg', `${sea('#24304f', '#16213a')}\n<path d="M0 120 H320 M90 40 V150 M230 40 V150 M0 110 Q90 40 160 104 Q230 40 320 110" fill="none" stroke="#e8eef5" stroke-width="4"/>`),
  coldTank: {
    name: 'cold-tank.csv',
    content: 'unit,temperature_c,hours,drift_mm\nA-17,4.0,24,0.3\nA-17,-2.0,24,0.5\nA-18,4.0,24,0.2\nA-18,-2.0,24,0.4\n',
  },
  roadmap: {
    name: 'roadmap.md',
    content: '# Roadmap\n\n- 4.2: new gauge page, signed firmware\n- 4.3: second sensor on one buoy\n- 5.0: tide forecast a week ahead\n',
  },
  iconRed: drawing('buoy-red.svg', buoy('#c0392b')),
  iconYellow: drawing('buoy-yellow.svg', buoy('#f0b429')),
  iconBlue: drawing('buoy-blue.svg', buoy('#1e7fc2')),
} as const satisfies Record<string, DemoFile>;
