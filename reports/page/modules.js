/* modules.js -- the smallest loader of CommonJS modules: the page defines each of
 * Vega's modules with it, and a module runs when it is first required. */
var bitwrightModules = (function () {
  'use strict';
  var defined = {}, loaded = {};
  function require(name) {
    if (!loaded[name]) {
      if (!defined[name]) throw new Error('module ' + name + ' is not in this page');
      var module = { exports: (loaded[name] = {}) };
      defined[name](module.exports, module, require);
    }
    return loaded[name];
  }
  return {
    define: function (name, body) { defined[name] = body; },
    require: require
  };
})();
