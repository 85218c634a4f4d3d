#!/bin/sh
# Make the vendor files again. Needs Node 20 and npm; the project itself needs neither.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
cp package.json h3.entry.js "$work"
(cd "$work" && npm install --no-audit --no-fund --ignore-scripts && node node_modules/esbuild/install.js)
from="$work/node_modules"
cp "$from"/maplibre-gl/dist/maplibre-gl.mjs "$from"/maplibre-gl/dist/maplibre-gl-worker.mjs "$from"/maplibre-gl/dist/maplibre-gl.css .
"$from"/.bin/esbuild "$work/h3.entry.js" --bundle --minify --format=esm --target=es2022 --outfile=h3.mjs
cp "$from"/plotly.js-basic-dist-min/plotly-basic.min.js .
rm -rf noto-sans-sc && mkdir -p noto-sans-sc licenses
cp "$from"/@fontsource-variable/noto-sans-sc/wght.css noto-sans-sc/
cp -r "$from"/@fontsource-variable/noto-sans-sc/files noto-sans-sc/
sed -i -E 's#^//\# sourceMappingURL=.*##' ./*.mjs
cp "$from"/maplibre-gl/LICENSE.txt licenses/maplibre-gl.txt
cp "$from"/h3-js/LICENSE licenses/h3-js.txt
cp "$from"/h3-js/NOTICE licenses/h3-js-NOTICE.txt
cp "$from"/plotly.js-basic-dist-min/LICENSE licenses/plotly.txt
cp "$from"/@fontsource-variable/noto-sans-sc/LICENSE licenses/noto-sans-sc.txt
rm -rf "$work"
