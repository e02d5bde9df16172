/* format.h -- numbers as people read them.
 *
 * Each returns a small struct by value, so that a call can stand in an argument
 * list: format_count(x).s.  A NAN or infinite value becomes an en dash. */
#ifndef REPORTS_FORMAT_H
#define REPORTS_FORMAT_H

struct format_text {
    char s[48];
};

struct format_text format_count(double v);           /* 17,640; 0.0312; 2.35       */
struct format_text format_whole(double v);           /* 86.7 -> 87; 17,640      */
struct format_text format_percent(double ratio);     /* 0.9052 -> 90.52 %          */
struct format_text format_percent1(double ratio);    /* 0.9678 -> 96.8 %           */
struct format_text format_error(double ratio);       /* signed: 0.021 -> +2.1 %    */
struct format_text format_points(double difference); /* 0.0075 -> +0.75 points    */
struct format_text format_decimal(double v);         /* 2.41                       */

/* What a reader calls a metric: "LUT", "BRAM18", "weights [byte]"; the name itself
 * if it is not one we know. */
const char *format_metric(const char *name);

/* A search method as its literature writes it: "SSPS"; the name itself if it is
 * not one of the acronyms. */
const char *format_method(const char *name);

#endif
