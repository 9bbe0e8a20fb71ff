//! Settings of the app, the tool and the image, from one place.
