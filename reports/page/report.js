/* report.js -- draws every <figure data-chart> from the Vega spec that the page
 * holds beside it, in the colours of the page's style sheet.
 *
 * Expressions in the specs are interpreted, never compiled, so the page's content
 * security policy can forbid eval.  Colours come from the CSS variables, so light,
 * dark and print differ in CSS only. */
(function () {
  'use strict';
  var require = bitwrightModules.require;
  var util = require('vega-util'), dataflow = require('vega-dataflow');
  var parser = require('vega-parser'), view = require('vega-view');
  var interpreter = require('vega-interpreter');
  ['vega-transforms', 'vega-view-transforms', 'vega-encode'].forEach(function (name) {
    util.extend(dataflow.transforms, require(name));
  });

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  }

  /* What the specs leave open: fonts, colours and the named styles they use. */
  function theme() {
    var font = getComputedStyle(document.body).fontFamily;
    var ink = colour('ink'), quiet = colour('quiet'), line = colour('line');
    var series = [1, 2, 3, 4, 5, 6, 7, 8].map(function (i) { return colour('series-' + i); });
    return {
      background: null,
      range: { category: series, heatmap: [colour('cell'), colour('heat')] },
      axis: {
        labelColor: quiet, titleColor: quiet, labelFont: font, titleFont: font,
        labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400, titlePadding: 8,
        gridColor: line, domainColor: quiet, tickColor: quiet, tickSize: 4, labelLimit: 220
      },
      axisLeft: { labelColor: ink },
      legend: {
        labelColor: ink, labelFont: font, labelFontSize: 12, titleFont: font,
        titleColor: quiet, titleFontSize: 12, titleFontWeight: 400,
        symbolStrokeColor: 'transparent', symbolBaseFillColor: quiet, symbolFillColor: quiet
      },
      title: { color: quiet, font: font, fontSize: 12, fontWeight: 400 },
      style: {
        'group-title': { fill: quiet, font: font, fontSize: 12, fontWeight: 400 },
        'value': { fill: ink, font: font, fontSize: 12 },
        'value-quiet': { fill: quiet, font: font, fontSize: 12 },
        'quiet-bar': { fill: quiet, fillOpacity: 0.35 },
        'quiet-line': { stroke: quiet, strokeWidth: 2 },
        'quiet-dot': { fill: quiet },
        'quiet-area': { fill: quiet, fillOpacity: 0.14, stroke: null },
        'hit': { fill: ink },
        'chosen': { fill: null, stroke: ink, strokeWidth: 2 },
        'dot': { stroke: colour('surface'), strokeWidth: 1.5 },
        'segment': { stroke: colour('surface'), strokeWidth: 1 },
        'limit': { stroke: colour('bad'), strokeWidth: 1.5, strokeDash: [6, 3] },
        'limit-label': { fill: colour('bad'), font: font, fontSize: 12 },
        'forbidden': { fill: colour('bad'), fillOpacity: 0.07 },
        'reference': { stroke: quiet, strokeWidth: 1, strokeDash: [2, 3] },
        'reference-label': { fill: quiet, font: font, fontSize: 12 }
      }
    };
  }

  /* A tooltip of "key value" rows; text only, so nothing in it can be markup. */
  var tip = document.getElementById('tip');
  function showTip(handler, event, item, value) {
    if (!value) { tip.hidden = true; return; }
    tip.textContent = '';
    Object.keys(value).forEach(function (key) {
      var row = tip.appendChild(document.createElement('div'));
      if (key !== 'title') {
        row.appendChild(document.createElement('span')).textContent = key;
      }
      row.appendChild(document.createElement('b')).textContent = value[key];
    });
    tip.hidden = false;
    var x = event.clientX + 14, y = event.clientY + 14;
    if (x + tip.offsetWidth > innerWidth - 8) x = event.clientX - tip.offsetWidth - 14;
    if (y + tip.offsetHeight > innerHeight - 8) y = event.clientY - tip.offsetHeight - 14;
    tip.style.left = Math.max(4, x) + 'px';
    tip.style.top = Math.max(4, y) + 'px';
  }

  var views = [];
  function draw(figure) {
    var plot = figure.querySelector('.plot');
    var source = document.getElementById('spec-' + figure.dataset.chart);
    try {
      var runtime = parser.parse(JSON.parse(source.textContent), theme(), { ast: true });
      var drawn = new view.View(runtime, {
        expr: interpreter.expressionInterpreter, renderer: 'svg', hover: true,
        container: plot, tooltip: showTip, logLevel: 1
      });
      drawn.run();
      views.push(drawn);
      figure.classList.add('drawn');
    } catch (problem) {
      plot.textContent = 'This chart could not be drawn (' + problem.message +
        '). The table below has the same numbers.';
      figure.classList.add('failed');
    }
  }
  function drawAll() {
    views.splice(0).forEach(function (v) { v.finalize(); });
    document.querySelectorAll('figure[data-chart]').forEach(draw);
  }

  drawAll();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  matchMedia('print').addEventListener('change', drawAll);
})();
